import { z } from 'zod'
import { AlertChannel } from '../domain/alert.ts'
import { command } from './define.ts'

export const alertCommands = {
  'alert.test': command({
    summary: 'Sends a test message over an alert channel that is set up.',
    least: 'admin',
    http: 'POST /alerts/test',
    input: z.strictObject({ channel: AlertChannel }),
    output: z.object({ target: z.string() }),
  }),
}
