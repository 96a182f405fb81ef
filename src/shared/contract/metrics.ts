import { z } from 'zod'
import { command } from './define.ts'

export const metricsCommands = {
  'metrics.read': command({
    summary: 'What the room counts and measures, in the text format of Prometheus.',
    least: 'viewer',
    http: 'GET /metrics',
    // Where collectors look for it.
    alsoAt: ['GET /metrics'],
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    input: z.strictObject({}),
    output: z.string(),
  }),
}
