import type { TriggerId } from '../../shared/domain/demo.ts'
import type { PriceTable } from '../budget/prices.ts'
import type { Clock } from '../ports.ts'
import type { TokenCounter } from '../tokens/tokenCounter.ts'
import { planCosts } from './costPlan.ts'
import type { DemoFile } from './demoFile.ts'
import type { DemoKey } from './demoKey.ts'
import type { Lead } from './leads.ts'
import type { Pace } from './pace.ts'
import type { Triggers } from './triggers.ts'
import { clearbit, linkedIn } from './world/dataServices.ts'
import { modelService, type Bill } from './world/modelService.ts'
import { openWorld, type World } from './world/world.ts'

export interface DemoServicesOptions {
  readonly leads: readonly Lead[]
  readonly file: DemoFile
  readonly pace: Pick<Pace, 'factor'>
  readonly bill: Bill
  /** 0: any that is free. */
  readonly port: number
  readonly triggers: Triggers
  /** Told when a service has made something happen. */
  readonly onFired: () => void
  readonly key: Pick<DemoKey, 'accepts'>
  readonly prices: Pick<PriceTable, 'find' | 'ceiling'>
  readonly tokens: TokenCounter
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** The simulated services, behaving as the triggers say at each moment. */
export function openDemoServices({ leads, file, pace, bill, port, triggers, onFired, key, prices, tokens, clock, onDefect }: DemoServicesOptions): Promise<World> {
  const { seed } = file
  const firedAt = (id: TriggerId): number | null => triggers.of(id).firedAtLead

  function isRefused(lead: number): boolean {
    const { isOn, lead: at } = triggers.of('rate-limit')
    if (!isOn || lead < (firedAt('rate-limit') ?? at)) return false
    if (triggers.fire('rate-limit', lead)) onFired()
    return true
  }

  function tellsTooMuch(lead: number): boolean {
    if (triggers.isDueAt('private-data', lead) && triggers.fire('private-data', lead)) onFired()
    return firedAt('private-data') === lead
  }

  return openWorld({
    clock,
    port,
    factor: () => pace.factor(),
    onDefect,
    services: {
      linkedin: linkedIn({ leads, seed, isRefused }),
      clearbit: clearbit({ leads, seed }),
      openai: modelService({
        leads,
        seed,
        bill,
        costs: () => {
          const [stop, warning] = [triggers.of('rate-limit'), triggers.of('budget')]
          return planCosts({ file, leads: leads.length, keptFrom: stop.isOn ? (stop.firedAtLead ?? stop.lead) : null, warnAt: warning.isOn ? warning.lead : null })
        },
        prices: (model) => {
          const { input = 0, output = 0 } = (prices.find(model) ?? prices.ceiling).prices
          return { input, output: Math.max(1, output) }
        },
        count: (model, texts) => tokens.count('openai', model, texts),
        accepts: (given) => key.accepts(given),
        tellsTooMuch,
      }),
    },
  })
}
