import { z } from 'zod'
import { Role } from '../domain/roles.ts'
import { command } from './define.ts'

export const roomCommands = {
  'room.identity': command({
    summary: 'Tells who is asking, and which room answers.',
    least: 'viewer',
    http: 'GET /identity',
    input: z.strictObject({}),
    output: z.object({
      caller: z.object({ role: Role, id: z.string() }),
      version: z.string(),
      host: z.enum(['desktop', 'browser', 'terminal']),
      dataFolder: z.string(),
    }),
  }),
  'room.link': command({
    summary: 'Makes a link that signs a browser in, once, as the owner of the machine; for the owner alone.',
    least: 'admin',
    http: 'POST /link',
    input: z.strictObject({}),
    output: z.object({ url: z.string() }),
  }),
  'room.stop': command({
    summary: 'Stops every agent and the room itself.',
    least: 'admin',
    http: 'POST /stop',
    input: z.strictObject({}),
    output: z.object({}),
  }),
}
