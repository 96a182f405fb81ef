import { z } from 'zod'
import { SecretName } from '../../../shared/domain/secret.ts'

/** One message is one line of JSON. Whoever is older leaves out what it does not know: kinds, and members of kinds. */
export const LONGEST_MESSAGE_BYTES = 1024 * 1024

const Handles = z.object({
  /** Its handler for SIGUSR1 stands, and is asked for. */
  signal: z.boolean(),
  /** It takes new values while it runs. */
  secrets: z.boolean(),
})
export type Handles = z.infer<typeof Handles>

const Generation = z.int().nonnegative()

export const FromAgent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hello'),
    token: z.string().min(1).max(128),
    language: z.string().max(40),
    pid: z.int().min(2),
    sdk: z.string().max(40),
    handles: Handles,
  }),
  z.object({ kind: z.literal('handles'), ...Handles.shape }),
  /** Asks for its secrets as they are now. */
  z.object({ kind: z.literal('fetch') }),
  z.object({ kind: z.literal('applied'), generation: Generation }),
])
export type FromAgent = z.infer<typeof FromAgent>

export const ToAgent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('secrets'), generation: Generation }),
  z.object({ kind: z.literal('values'), generation: Generation, secrets: z.record(SecretName, z.string()) }),
])
export type ToAgent = z.infer<typeof ToAgent>

const KINDS: ReadonlySet<unknown> = new Set(FromAgent.options.map(({ shape }) => shape.kind.value))

/** Null for what a later version says; throws for what is no message. */
export function readMessage(line: string): FromAgent | null {
  const json: unknown = JSON.parse(line)
  if (typeof json !== 'object' || json === null || !('kind' in json)) throw new Error('A message is an object with a kind.')
  return KINDS.has(json.kind) ? FromAgent.parse(json) : null
}

export function writeMessage(message: ToAgent): string {
  return `${JSON.stringify(ToAgent.parse(message))}\n`
}
