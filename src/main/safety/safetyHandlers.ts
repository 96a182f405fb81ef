import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'
import { covers } from '../../shared/domain/roles.ts'
import { actorOf } from '../access/actorOf.ts'
import type { EventBus } from '../events/bus.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { RunningSafetyDesk } from './desk/runningSafetyDesk.ts'
import type { Injection } from './injection/findInjections.ts'
import { scanInSlices } from './scan/scanInSlices.ts'
import { withMarkers } from './sinkRedactor.ts'

export interface SafetyHandlerOptions {
  readonly safety: RunningSafetyDesk
  readonly bus: EventBus
  readonly findInjections: (text: string) => readonly Injection[]
}

type SafetyCommand = 'safety.list' | 'safety.status' | 'safety.setRules' | 'safety.check'

export function safetyHandlers({ safety, bus, findInjections }: SafetyHandlerOptions): Pick<CommandHandlers, SafetyCommand> {
  return {
    // The place is read first: a change in between is told twice, never left out.
    'safety.list': () => {
      const seq = bus.latest()
      return { agents: safety.list(), room: safety.roomRules(), isKept: safety.originals.isKept, seq }
    },
    'safety.status': ({ agentId }) => safety.status(agentId),
    'safety.setRules': async ({ agentId, rules }, caller) => ({ rules: await safety.setRules(agentId, rules, actorOf(caller)) }),
    'safety.check': async ({ text, agentId }, caller) => {
      const matches = await scanInSlices(safety.checkScanner(agentId ?? null, covers(caller.role, 'admin')), text)
      return {
        redacted: withMarkers(text, matches),
        findings: matches.map(({ type, start, end }) => ({ type, risk: PRIVATE_TYPES[type].risk, start, end })),
        injections: findInjections(text).map(({ rule, start, end }) => ({ rule, start, end })),
      }
    },
  }
}
