import { createHash } from 'node:crypto'
import type { Announcement, Severity } from '../src/shared/domain/event.ts'
import { sampleAgent, samplePlan } from '../src/shared/domain/testAgents.ts'
import { sampleCall } from '../src/shared/domain/testCalls.ts'
import { openState } from '../src/main/state/openState.ts'
import { systemClock } from '../src/main/systemPorts.ts'

/** A room that has been open for long, before it is opened again. */

const LONG_AGO = sampleAgent({ status: 'stopped', endedAt: 2_000, pid: null, plan: samplePlan({ name: 'lead_gen_agent.py' }) })
const AT_ONCE = 2_000
/** The one line that somebody looks for. */
export const NEEDLE = 'needle-of-4711'
const NEEDLE_AT = 4_711

const hex = (number: number): string => createHash('sha256').update(String(number)).digest('hex')

function lineOf(number: number): Announcement {
  const severity: Severity = number % 50 === 0 ? 'ERROR' : number % 10 === 0 ? 'WARN' : number % 7 === 0 ? 'DEBUG' : 'INFO'
  const company = number === NEEDLE_AT ? NEEDLE : `Company ${number % 997}`
  return { name: 'log.written', agentId: LONG_AGO.id, severity, message: `Lead ${number} was scored.`, payload: { fields: { company, lead: number } } }
}

/** So many lines of one agent, then a request, then what was found in it. */
export async function writeLongLog(dataFolder: string, count: number): Promise<void> {
  const state = await openState({ dataFolder, clock: systemClock })
  const at = Date.now()
  const store = (announcements: readonly Announcement[]): Promise<unknown> => state.events.append(announcements.map((announcement) => ({ announcement, at })))
  // Nothing was charged for it, so nothing had to be held for it either.
  const call = sampleCall({ agentId: LONG_AGO.id, startedAt: at, attempts: [] })
  await store([{ name: 'agent.changed', agentId: LONG_AGO.id, severity: 'INFO', message: 'lead_gen_agent.py is stopped.', payload: { agent: LONG_AGO } }])
  for (let written = 0; written < count; written += AT_ONCE) {
    await store(Array.from({ length: Math.min(AT_ONCE, count - written) }, (_, index) => lineOf(written + index + 1)))
  }
  await store([
    { name: 'llm.callFinished', agentId: LONG_AGO.id, severity: 'INFO', message: 'gpt-4 answered after 800 ms.', payload: { call } },
    {
      name: 'safety.recorded',
      agentId: LONG_AGO.id,
      severity: 'WARN',
      message: 'An e-mail address was redacted on its way to the model.',
      payload: {
        records: [
          {
            id: 'find-0000000000000001',
            at,
            kind: 'private',
            agentId: LONG_AGO.id,
            callId: call.id,
            type: 'email',
            severity: 'CRITICAL',
            direction: 'to-model',
            place: 'messages[0].content',
            action: 'redacted',
            valueHash: hex(1),
            preview: 'Write to [EMAIL_REDACTED] today',
            hasOriginal: false,
            about: null,
            actor: null,
            reason: null,
          },
        ],
      },
    },
  ])
  await state.close()
}
