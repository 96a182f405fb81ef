import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Event, EventName, Severity } from '../domain/event.ts'
import { LOG_PAGE } from '../domain/eventFilter.ts'
import { Millis } from '../domain/units.ts'
import { command, stream } from './define.ts'

/** Which events; what is left out lets everything through. */
const Filter = {
  agentId: AgentId.optional(),
  /** Beside those of the agent, those of the room itself. */
  withRoom: z.boolean().optional(),
  severities: z.array(Severity).min(1).max(4).optional(),
  names: z.array(EventName).min(1).max(100).optional(),
  /** Every word of it stands in the event's sentence, its name, its agent's id or what it carries. */
  text: z.string().max(200).optional(),
}

/** A line of the log; a long sentence is cut. */
const Line = z.object({ seq: z.int(), at: Millis, severity: Severity, agentId: AgentId.nullable(), name: EventName, message: z.string() })

export const eventCommands = {
  'event.list': command({
    summary: 'Gives the events after a place in the sequence, oldest first.',
    least: 'viewer',
    http: 'GET /events',
    input: z.strictObject({
      after: z.int().nonnegative().default(0),
      limit: z.int().min(1).max(5000).default(500),
      agentId: AgentId.optional(),
    }),
    /** `resynchronise`: events in between are no longer kept; take a fresh snapshot and go on from `latest`. */
    output: z.object({ events: z.array(Event), latest: z.int(), resynchronise: z.boolean() }),
  }),
  'event.outline': command({
    summary: 'Tells how many events fit a filter, and at which place each page of them begins.',
    least: 'viewer',
    http: 'GET /events/outline',
    /** `until` is the last place that counts; left out, the latest. */
    input: z.strictObject({ ...Filter, until: z.int().nonnegative().optional() }),
    /** `isWhole` is false where older events are kept than a log looks through; an export has them. */
    output: z.object({ count: z.int().nonnegative(), pages: z.array(z.int()), until: z.int(), isWhole: z.boolean() }),
  }),
  'event.lines': command({
    summary: 'Gives the events that fit a filter as lines of a log, oldest first.',
    least: 'viewer',
    http: 'GET /events/lines',
    /** Those after a place, up to another. */
    input: z.strictObject({ ...Filter, after: z.int().nonnegative().default(0), until: z.int().nonnegative().optional(), limit: z.int().min(1).max(500).default(LOG_PAGE) }),
    output: z.object({ lines: z.array(Line) }),
  }),
  'event.exportCsv': command({
    summary: 'The events that fit a filter as CSV, oldest first.',
    least: 'viewer',
    http: 'GET /events/export.csv',
    contentType: 'text/csv; charset=utf-8',
    input: z.strictObject({ ...Filter, after: z.int().nonnegative().default(0), until: z.int().nonnegative().optional() }),
    output: z.string(),
  }),
  'event.exportJsonLines': command({
    summary: 'The events that fit a filter as JSON lines, oldest first.',
    least: 'viewer',
    http: 'GET /events/export.jsonl',
    contentType: 'application/x-ndjson; charset=utf-8',
    input: z.strictObject({ ...Filter, after: z.int().nonnegative().default(0), until: z.int().nonnegative().optional() }),
    output: z.string(),
  }),
}

export const eventStreams = {
  'event.follow': stream({
    summary: 'Follows the events: exactly those after a place in the sequence, then live.',
    least: 'viewer',
    /** Left out: live only, from now on. */
    input: z.strictObject({ after: z.int().nonnegative().optional() }),
    item: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('events'), events: z.array(Event) }),
      z.object({ kind: z.literal('resynchronise'), latest: z.int() }),
    ]),
  }),
}
