import type { AgentId } from '../../shared/domain/agent.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { EventBus } from '../events/bus.ts'
import type { SafetyDesk } from '../safety/desk/safetyDesk.ts'
import type { JsonCheck } from '../safety/json/jsonCheck.ts'
import { findForbidden, toolIsAllowed } from '../safety/permissions/permissions.ts'
import { formatLatency } from '../../shared/format.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Flood } from './flood.ts'

/** Tools that agents use themselves: whether they may, with what, and what came of it. */
export interface ToolReports {
  begin(agentId: AgentId, call: ToolCall): Promise<{ isAllowed: boolean; reason: string | null; input: JsonValue }>
  end(agentId: AgentId, ended: EndedToolCall): Promise<{ output: JsonValue }>
}

interface ToolCall {
  readonly toolCallId: string
  readonly name: string
  readonly input: JsonValue
}

interface EndedToolCall {
  readonly toolCallId: string
  readonly name: string
  readonly isOk: boolean
  readonly output: JsonValue
  readonly error: string | null
  readonly latencyMs: Millis | null
}

export interface ToolReportsOptions {
  readonly desk: Pick<SafetyDesk, 'report' | 'permissionsOf'>
  readonly check: JsonCheck
  readonly bus: Pick<EventBus, 'announce'>
  readonly flood: Flood
  readonly workingDirectoryOf: (agentId: AgentId) => string
  readonly redact: (text: string) => string
}

/** Of what a tool took and gave; the whole of it is the agent's. */
const LONGEST_SHOWN = 2_000
const LONGEST_ERROR = 500

export function createToolReports({ desk, check, bus, flood, workingDirectoryOf, redact }: ToolReportsOptions): ToolReports {
  /** The first reason why it may not; everything that it may not is written down. */
  function forbidden(agentId: AgentId, { name, input }: ToolCall): string | null {
    const permissions = desk.permissionsOf(agentId)
    let reason: string | null = null
    const report = (type: 'tool' | 'host' | 'path', excerpt: string, place: string): void => {
      const refusal = desk.report({ agentId, callId: null, kind: 'unauthorised', type, direction: 'tools', place: redact(place), excerpt })
      reason ??= refusal
    }
    if (!toolIsAllowed(permissions, name)) report('tool', name, 'tool.name')
    for (const { type, value, place } of findForbidden(permissions, workingDirectoryOf(agentId), input)) report(type, value, `tool.${place}`)
    return reason
  }

  /** Redacted before it is cut. */
  async function shown(value: JsonValue): Promise<string | null> {
    if (value === null) return null
    const text = JSON.stringify(await check.clean(value))
    return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
  }

  return {
    async begin(agentId, call) {
      const { toolCallId, name, input } = call
      const refusal = forbidden(agentId, call)
      const judged = refusal === null ? await check.judge(agentId, 'tool.input', input) : null
      const reason = refusal ?? judged?.blocked ?? null
      if (flood.mayPass(agentId)) {
        await bus.announce({
          name: 'tool.began',
          agentId,
          severity: reason === null ? 'INFO' : 'WARN',
          message: reason === null ? `The tool ${redact(name)} is used.` : `The tool ${redact(name)} was refused. ${reason}`,
          payload: { toolCallId, name, isAllowed: reason === null, input: await shown(judged?.value ?? input) },
        })
      }
      return { isAllowed: reason === null, reason, input: reason === null && judged ? judged.value : null }
    },

    async end(agentId, { toolCallId, name, isOk, output, error, latencyMs }) {
      const { value, blocked } = await check.judge(agentId, 'tool.output', output)
      if (flood.mayPass(agentId)) {
        const cause = error === null ? null : redact(error).slice(0, LONGEST_ERROR)
        const how = isOk ? 'has answered' : `has failed${cause === null ? '' : ` (${cause.replace(/\.$/, '')})`}`
        await bus.announce({
          name: 'tool.ended',
          agentId,
          severity: isOk ? 'INFO' : 'WARN',
          message: `The tool ${redact(name)} ${how}${latencyMs === null ? '' : ` after ${formatLatency(latencyMs)}`}.`,
          payload: { toolCallId, name, isOk, output: await shown(value), error: cause, latencyMs },
        })
      }
      if (blocked !== null) throw new AppError('FORBIDDEN', blocked)
      return { output: value }
    },
  }
}
