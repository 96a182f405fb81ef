import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Event } from '../domain/event.ts'
import { command, stream } from './define.ts'

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
