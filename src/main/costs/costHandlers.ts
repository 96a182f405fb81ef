import { AppError } from '../../shared/errors.ts'
import type { EventBus } from '../events/bus.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { CallRepository, CostRange } from '../state/repositories.ts'
import { COST_CSV_HEADER, costCsvLines } from './costCsv.ts'

export interface CostHandlerOptions {
  readonly calls: CallRepository
  readonly bus: EventBus
  readonly largestExport?: number
}

type CostCommand = 'call.list' | 'call.get' | 'cost.breakdown' | 'cost.history' | 'cost.export'

/** Characters; about a million charges. An answer is one string, and one of half a billion cannot be. */
const LARGEST_EXPORT = 200_000_000

export function costHandlers({ calls, bus, largestExport = LARGEST_EXPORT }: CostHandlerOptions): Pick<CommandHandlers, CostCommand> {
  return {
    // The place is read first: a call in between is told twice, never left out.
    'call.list': async (query) => {
      const seq = bus.latest()
      return { ...(await calls.list(query)), seq }
    },
    'call.get': async ({ callId }) => {
      const call = await calls.get(callId)
      if (!call) throw new AppError('NOT_FOUND', `There is no call ${callId} that is over; one under way gets its receipt at its end.`)
      return call
    },
    'cost.breakdown': ({ by, ...range }) => calls.breakdown(by, range),
    'cost.history': async ({ agentId }) => {
      const seq = bus.latest()
      return { points: await calls.history(agentId), seq }
    },
    'cost.export': (range) => exportCsv(calls, range, largestExport),
  }
}

async function exportCsv(calls: CallRepository, range: CostRange, largest: number): Promise<string> {
  let csv = COST_CSV_HEADER
  await calls.each(range, (call, at) => {
    csv += costCsvLines(call, at)
    if (csv.length > largest) {
      throw new AppError('TOO_LARGE', 'There are more charges than fit into one export; take them in parts, with "from" and "until".', { largest })
    }
  })
  return csv
}
