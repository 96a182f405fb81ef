import { z } from 'zod'
import { Agent, AgentId, Exit } from './agent.ts'
import { AlertChannel } from './alert.ts'
import { Budget, ParkedCall, ParkingEnd, Progress } from './budget.ts'
import { KeySource, KeyState } from './keys.ts'
import { Call, CallId } from './llm.ts'
import { EffectiveRules, SafetyRecord } from './safety.ts'
import { Performance, Raised, ToolCallId, ToolName } from './report.ts'
import { RotationOutcome, SecretId, SecretName, SecretView } from './secret.ts'
import { Stage } from './stage.ts'
import { Destination, ServiceView } from './service.ts'
import { Millis, Nanodollars } from './units.ts'

export const Severity = z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR'])
export type Severity = z.infer<typeof Severity>

/** What each event carries. Names are past tense: an event tells, it does not ask. */
export const EVENT_PAYLOADS = {
  /** The agent as it is now: the one event from which every view of agents is derived. */
  'agent.changed': z.object({ agent: Agent }),
  'agent.removed': z.object({}),
  /** Its process has ended; `survivors` are those that it started and that could not be ended. */
  'agent.exited': z.object({ exit: Exit, survivors: z.int().nonnegative() }),
  /** A process from before the room's own death was found and ended. */
  'agent.orphanEnded': z.object({ pids: z.array(z.int()), survivors: z.int().nonnegative() }),
  'agent.checkpointSaved': z.object({ bytes: z.int().nonnegative() }),
  /** How far it is, as it tells. */
  'agent.progressed': z.object({ progress: Progress }),
  /** How an agent works; at most four a second and agent, and the last one always comes. */
  'performance.changed': z.object({ performance: Performance }),
  /** An exception in an agent's program, whether somebody handled it or not. */
  'agent.raised': z.object({ raised: Raised }),
  /** `input` and `output` are the beginning of it as JSON, redacted. */
  'tool.began': z.object({ toolCallId: ToolCallId, name: ToolName, isAllowed: z.boolean(), input: z.string().nullable() }),
  /** What a tool gave, or why it failed. */
  'tool.ended': z.object({ toolCallId: ToolCallId, name: ToolName, isOk: z.boolean(), output: z.string().nullable(), error: z.string().nullable(), latencyMs: Millis.nullable() }),
  /** A call is settled: what it cost stands in the ledger since the very moment of this event. */
  'llm.callFinished': z.object({ call: Call }),
  /** The budget as it is now; at most four a second and agent. */
  'budget.changed': z.object({ budget: Budget }),
  /** 90 % of a limit is spent; once per limit. */
  'budget.warned': z.object({ budget: Budget }),
  /** A call did not fit any more; once per limit. */
  'budget.exhausted': z.object({ budget: Budget, callId: CallId, worstCase: Nanodollars }),
  /** Somebody has given an agent a larger limit. */
  'budget.raised': z.object({ from: Nanodollars, to: Nanodollars, actor: z.string(), reason: z.string() }),
  /** A call waits at the limit for somebody to decide. */
  'budget.callParked': z.object({ parked: ParkedCall }),
  /** It goes on, or is refused: approved, declined, or nobody answered in time. */
  'budget.callUnparked': z.object({ callId: CallId, end: ParkingEnd, actor: z.string().nullable(), reason: z.string().nullable() }),
  /** Without a threshold it was about findings. */
  'alert.sent': z.object({ channel: AlertChannel, target: z.string(), threshold: z.int().nullable() }),
  'alert.failed': z.object({ channel: AlertChannel, target: z.string(), threshold: z.int().nullable(), attempts: z.int(), isFinal: z.boolean() }),
  /** Rows of the safety audit; they stand in it since the very moment of this event. */
  'safety.recorded': z.object({ records: z.array(SafetyRecord).min(1).max(64) }),
  /** What holds for an agent from now on. */
  'safety.rulesChanged': z.object({ rules: EffectiveRules }),
  /** A secret as it is now, masked: made, changed, deleted, taken back. */
  'secret.changed': z.object({ secret: SecretView }),
  /** A new value is on its way to these running agents. */
  'secret.rotating': z.object({ secretId: SecretId, name: SecretName, version: z.int(), agentIds: z.array(AgentId) }),
  /** The event's agent has it, in this way. */
  'secret.reachedAgent': z.object({ secretId: SecretId, name: SecretName, version: z.int(), outcome: RotationOutcome }),
  /** Running agents have been told of a new value, each in its own way. */
  'secret.rotated': z.object({ secretId: SecretId, name: SecretName, version: z.int(), agents: z.array(z.object({ agentId: AgentId, outcome: RotationOutcome })) }),
  /** The master key as it is known now: made, opened, or tried in vain. */
  'keys.changed': z.object({ state: KeyState, source: KeySource.nullable() }),
  /** Secrets were locked for an audience, or unlocked. */
  'stage.changed': z.object({ stage: Stage }),
  /** A breaker has opened: its calls are kept away. */
  'service.opened': z.object({ service: ServiceView }),
  /** One call goes, to see whether it works again. */
  'service.probing': z.object({ service: ServiceView }),
  /** A breaker has closed: its calls go again. */
  'service.recovered': z.object({ service: ServiceView }),
  /** A breaker with its counts as it is now; at most four a second each, and the last one always comes. */
  'service.changed': z.object({ service: ServiceView }),
  /** A host that an agent had not gone to before, or that it now reached past the room. */
  'destination.seen': z.object({ destination: Destination }),
  /** Names only: what they were set to stands in the file. */
  'settings.changed': z.object({ keys: z.array(z.string()), actor: z.string() }),
  /** A log line worth keeping; the message says it all. */
  'log.written': z.object({ fields: z.record(z.string(), z.json()) }),
  'room.started': z.object({ version: z.string() }),
  'room.stopped': z.object({}),
} as const satisfies Record<string, z.ZodType>

export type EventName = keyof typeof EVENT_PAYLOADS
export const EventName = z.enum(Object.keys(EVENT_PAYLOADS) as [EventName, ...EventName[]])
export type EventPayload<N extends EventName> = z.infer<(typeof EVENT_PAYLOADS)[N]>

const envelope = <N extends EventName>(name: N) =>
  z.object({
    seq: z.int().nonnegative(),
    at: Millis,
    severity: Severity,
    agentId: AgentId.nullable(),
    /** One sentence for people. */
    message: z.string(),
    name: z.literal(name),
    payload: EVENT_PAYLOADS[name],
  })

type Envelope<N extends EventName> = ReturnType<typeof envelope<N>>
export const Event = z.discriminatedUnion(
  'name',
  EventName.options.map((name) => envelope(name)) as unknown as [Envelope<EventName>, ...Envelope<EventName>[]],
) as unknown as z.ZodType<Event>

export type EventOf<N extends EventName> = N extends EventName
  ? Omit<z.infer<Envelope<N>>, 'name' | 'payload'> & { name: N; payload: EventPayload<N> }
  : never
export type Event = EventOf<EventName>

/** An event before it has its place in the sequence. */
export type Announcement<N extends EventName = EventName> = N extends EventName
  ? {
      name: N
      agentId: AgentId | null
      severity: Severity
      message: string
      payload: EventPayload<N>
    }
  : never
