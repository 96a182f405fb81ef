import type { AgentId } from '../../shared/domain/agent.ts'
import type { Severity } from '../../shared/domain/event.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { requireOwn } from '../access/requireOwn.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock } from '../ports.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { RunningSafetyDesk } from '../safety/desk/runningSafetyDesk.ts'
import type { JsonCheck } from '../safety/json/jsonCheck.ts'
import type { Log } from '../telemetry/log.ts'
import { createFlood } from './flood.ts'
import type { RaisedExceptions } from './raisedExceptions.ts'
import { createToolReports } from './toolReports.ts'

export interface ReportHandlerOptions {
  readonly safety: RunningSafetyDesk
  readonly check: JsonCheck
  readonly raised: RaisedExceptions
  readonly bus: EventBus
  readonly log: Log
  readonly clock: Clock
  /** Throws where there is no such agent. */
  readonly workingDirectoryOf: (agentId: AgentId) => string
  /** For what goes to our own sinks. */
  readonly redact: (text: string) => string
}

type ReportCommand = 'agent.raise' | 'agent.log' | 'tool.begin' | 'tool.end' | 'output.check'

const SECOND = 1_000
const MOST_LINES_A_SECOND = 200
/** Events are stored, and go to every window. */
const MOST_EVENTS_A_SECOND = 20
const MOST_TOOL_EVENTS_A_SECOND = 100
/** A line of a log is no place for documents. */
const LONGEST_FIELDS = 10_000
const IS_EVENT: Record<Severity, boolean> = { DEBUG: false, INFO: false, WARN: true, ERROR: true }

export interface Reports {
  readonly handlers: Pick<CommandHandlers, ReportCommand>
  /** Tells what was left out until now. */
  close(): void
}

export function createReports(options: ReportHandlerOptions): Reports {
  const { safety, check, raised, bus, log, clock, workingDirectoryOf, redact } = options
  const floodOf = (what: string, most: number) =>
    createFlood({
      clock,
      most,
      withinMs: SECOND,
      onLeftOut: (agentId, count) =>
        log.write({ level: 'WARN', event: 'agent.flooded', agentId, msg: `${count.toLocaleString('en')} more ${what} within a second were left out.`, fields: { count } }),
    })
  const lines = floodOf('lines for the log', MOST_LINES_A_SECOND)
  const warnings = floodOf('warnings for the log', MOST_EVENTS_A_SECOND)
  const handled = floodOf('handled exceptions', MOST_EVENTS_A_SECOND)
  // Of their own: one of them may say why the agent crashes in a moment.
  const unhandled = floodOf('exceptions', MOST_EVENTS_A_SECOND)
  const toolEvents = floodOf('events about tools', MOST_TOOL_EVENTS_A_SECOND)
  const tools = createToolReports({ desk: safety, check, bus, flood: toolEvents, workingDirectoryOf, redact })

  async function write(agentId: AgentId, level: Severity, message: string, fields: Record<string, JsonValue>): Promise<void> {
    if (!IS_EVENT[level]) {
      if (lines.mayPass(agentId)) log.write({ level, event: 'agent.logged', agentId, msg: message, fields: fitting(fields) })
      return
    }
    // The log hears of events by itself.
    if (warnings.mayPass(agentId)) await bus.announce({ name: 'log.written', agentId, severity: level, message, payload: { fields: fitting(fields) } })
  }

  const handlers: Reports['handlers'] = {
    'agent.raise': async ({ agentId, ...given }, caller) => {
      requireOwn(agentId, caller, 'exceptions')
      workingDirectoryOf(agentId)
      const announcement = (given.isHandled ? handled : unhandled).mayPass(agentId) ? raised.take(agentId, given) : null
      if (announcement) await bus.announce(announcement)
      return {}
    },
    'agent.log': async ({ agentId, lines: given }, caller) => {
      requireOwn(agentId, caller, 'log')
      workingDirectoryOf(agentId)
      await Promise.all(given.map(({ level, message, fields }) => write(agentId, level, message, fields as Record<string, JsonValue>)))
      return {}
    },
    'tool.begin': ({ agentId, ...call }, caller) => {
      requireOwn(agentId, caller, 'tools')
      return tools.begin(agentId, call as typeof call & { input: JsonValue })
    },
    'tool.end': ({ agentId, ...ended }, caller) => {
      requireOwn(agentId, caller, 'tools')
      workingDirectoryOf(agentId)
      return tools.end(agentId, ended as typeof ended & { output: JsonValue })
    },
    'output.check': async ({ agentId, place, value }, caller) => {
      requireOwn(agentId, caller, 'outputs')
      workingDirectoryOf(agentId)
      const judged = await check.judge(agentId, place === 'output' ? place : `output.${place}`, value as JsonValue)
      const isBlocked = judged.blocked !== null
      return { value: isBlocked ? null : judged.value, isBlocked, types: [...judged.types], reason: judged.blocked }
    },
  }
  const floods = [lines, warnings, handled, unhandled, toolEvents]
  return {
    handlers,
    close() {
      for (const flood of floods) flood.close()
    },
  }
}

function fitting(fields: Record<string, JsonValue>): Record<string, JsonValue> {
  const { length } = JSON.stringify(fields)
  return length <= LONGEST_FIELDS ? fields : { leftOut: `${length.toLocaleString('en')} characters of fields` }
}
