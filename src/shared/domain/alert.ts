import { z } from 'zod'

export const AlertChannel = z.enum(['email', 'webhook'])
export type AlertChannel = z.infer<typeof AlertChannel>
