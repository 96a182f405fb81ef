import { z } from 'zod'
import { Role } from '../../shared/domain/roles.ts'
import { ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts'
import { EnvelopeError, open, seal } from '../secrets/envelope.ts'

/** What one instance says to another. Nobody else can read it, or say it: it is sealed with a key that follows from the master key they share. */
export const Message = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ask'),
    id: z.string(),
    at: z.int(),
    from: z.string(),
    name: z.string(),
    input: z.json(),
    caller: z.object({ role: Role, id: z.string() }),
  }),
  z.object({ kind: z.literal('answer'), id: z.string(), at: z.int(), output: z.json() }),
  z.object({
    kind: z.literal('refusal'),
    id: z.string(),
    at: z.int(),
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    details: z.json().optional(),
  }),
])
export type Message = z.infer<typeof Message>

export function sealMessage(key: Buffer, to: string, message: Message): string {
  return seal(key, JSON.stringify(message), contextOf(to)).toString('base64')
}

/** Null for what was not meant for us, or said by somebody else. */
export function openMessage(key: Buffer, own: string, sealed: string): Message | null {
  try {
    return Message.parse(JSON.parse(open(key, Buffer.from(sealed, 'base64'), contextOf(own)).toString('utf8')))
  } catch (problem) {
    if (problem instanceof EnvelopeError || problem instanceof z.ZodError || problem instanceof SyntaxError) return null
    throw problem
  }
}

function contextOf(instance: string): string {
  return `instances:${instance}`
}
