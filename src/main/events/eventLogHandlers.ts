import { Event } from '../../shared/domain/event.ts'
import { LOG_PAGE, type EventFilter } from '../../shared/domain/eventFilter.ts'
import { AppError } from '../../shared/errors.ts'
import { csvLine } from '../costs/csv.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { EventLog, EventStore } from '../state/repositories.ts'

export interface EventLogHandlerOptions {
  readonly eventLog: EventLog
  readonly events: Pick<EventStore, 'bounds'>
  readonly largestExport?: number
}

type LogCommand = 'event.outline' | 'event.lines' | 'event.exportCsv' | 'event.exportJsonLines'

/** Places; as many lines as a page can show at the height that browsers allow, and a look through them within a second. */
export const MOST_LOOKED_AT = 500_000
/** Characters. An answer is one string, and one of half a billion cannot be. */
const LARGEST_EXPORT = 200_000_000

export function eventLogHandlers({ eventLog, events, largestExport = LARGEST_EXPORT }: EventLogHandlerOptions): Pick<CommandHandlers, LogCommand> {
  async function outline(filter: EventFilter, asked: number | undefined): Promise<{ count: number; pages: number[]; until: number; isWhole: boolean }> {
    const { oldest, latest } = await events.bounds()
    const until = Math.min(asked ?? latest, latest)
    const after = Math.max(oldest - 1, until - MOST_LOOKED_AT)
    const pages: number[] = []
    let count = 0
    await eventLog.places({ filter, after, until }, (seq) => {
      if (count % LOG_PAGE === 0) pages.push(seq)
      count += 1
    })
    return { count, pages, until, isWhole: after < oldest }
  }

  /** Whatever is asked for: nobody looks through places that hold nothing yet. */
  async function endOf(asked: number | undefined): Promise<number> {
    const { latest } = await events.bounds()
    return Math.min(asked ?? latest, latest)
  }

  async function written(filter: EventFilter, after: number, asked: number | undefined, begin: string, line: (event: Event) => string): Promise<string> {
    const until = await endOf(asked)
    let text = begin
    await eventLog.each({ filter, after, until }, (event) => {
      text += line(declared(event))
      if (text.length > largestExport) throw new AppError('TOO_LARGE', 'There are more events than fit into one export; take them in parts, with "after" and "until".', { largest: largestExport })
    })
    return text
  }

  return {
    'event.outline': ({ until, ...filter }) => outline(filter, until),
    'event.lines': async ({ after, until, limit, ...filter }) => ({ lines: await eventLog.lines({ filter, after, until: await endOf(until) }, limit) }),
    'event.exportCsv': ({ after, until, ...filter }) => written(filter, after, until, EVENT_CSV_HEADER, csvLineOf),
    'event.exportJsonLines': ({ after, until, ...filter }) => written(filter, after, until, '', (event) => `${JSON.stringify(event)}\n`),
  }
}

/** Only what the contract knows goes out; what an earlier version wrote and nobody understands any more goes without what it carries. */
function declared(event: Event): Event {
  const { success, data } = Event.safeParse(event)
  return success ? data : ({ ...event, payload: {} } as Event)
}

const EVENT_CSV_HEADER = csvLine(['number', 'at', 'severity', 'name', 'agent_id', 'message', 'payload'])

function csvLineOf({ seq, at, severity, name, agentId, message, payload }: Event): string {
  return csvLine([seq, new Date(at).toISOString(), severity, name, agentId, message, JSON.stringify(payload)])
}
