import { z } from 'zod'
import { SecretName } from '../../../shared/domain/secret.ts'
import type { ErrorBody, JsonValue } from '../../../shared/errors.ts'

/** One message is one line of JSON. Whoever is older leaves out what it does not know: kinds, and members of kinds. */
export const LONGEST_MESSAGE_BYTES = 1024 * 1024
/** Of somebody who has not said who it is. */
export const LONGEST_HELLO_BYTES = 16 * 1024
export const PROTOCOL = 1

const Handles = z.object({
  /** Its handler for SIGUSR1 stands, and is asked for. */
  signal: z.boolean(),
  /** It takes new values while it runs. */
  secrets: z.boolean(),
})
export type Handles = z.infer<typeof Handles>

const Generation = z.int().nonnegative()

/** What is said seldom; asks and tells are read by hand, for there may be a hundred thousand in a second. */
const Seldom = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hello'),
    protocol: z.int().positive().default(PROTOCOL),
    token: z.string().min(1).max(128),
    language: z.string().max(40),
    pid: z.int().min(2),
    sdk: z.string().max(40),
    handles: Handles.default({ signal: false, secrets: false }),
  }),
  z.object({ kind: z.literal('handles'), ...Handles.shape }),
  /** Asks for its secrets as they are now. */
  z.object({ kind: z.literal('fetch') }),
  z.object({ kind: z.literal('applied'), generation: Generation }),
])
type Seldom = z.infer<typeof Seldom>
export type Hello = Extract<Seldom, { kind: 'hello' }>

export interface Ask {
  readonly kind: 'ask'
  readonly id: number
  readonly command: string
  readonly input: unknown
}

export interface Tell {
  readonly kind: 'tell'
  readonly command: string
  readonly input: unknown
}

/** Of a later version than ours. Whoever waits for an answer has named an id. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly id: number | null
  readonly said: string
}

export type FromAgent = Seldom | Ask | Tell | Unknown

export type ToAgent =
  | { kind: 'welcome'; protocol: number; agentId: string; room: string }
  | { kind: 'secrets'; generation: number }
  | { kind: 'values'; generation: number; secrets: Record<string, string> }
  | { kind: 'answer'; id: number; output: JsonValue }
  | { kind: 'refusal'; id: number; error: ErrorBody }
  | { kind: 'bye'; reason: string }
  | { kind: 'stop'; reason: string }

/** What makes a peer one that does not speak as agreed; the sentence is told to it. */
export class UnfitMessage extends Error {}

const SELDOM: ReadonlySet<unknown> = new Set(Seldom.options.map(({ shape }) => shape.kind.value))
const DEEPEST = 100
const LONGEST_NAME = 80

/** Throws an UnfitMessage for what is no message. */
export function readMessage(line: string): FromAgent {
  const message = parse(line)
  const { kind } = message
  if (kind === 'ask') {
    if (!isId(message.id)) throw new UnfitMessage('A question came without a number as its id.')
    return { kind, id: message.id, command: commandOf(message), input: inputOf(message) }
  }
  if (kind === 'tell') return { kind, command: commandOf(message), input: inputOf(message) }
  if (SELDOM.has(kind)) {
    const seldom = Seldom.safeParse(message)
    if (!seldom.success) throw new UnfitMessage(`A message of the kind "${kind as string}" was not understood: ${seldom.error.issues[0]?.path.join('.') ?? ''} is not as agreed.`)
    return seldom.data
  }
  if (typeof kind !== 'string') throw new UnfitMessage('A message came without a kind.')
  return { kind: 'unknown', id: isId(message.id) ? message.id : null, said: kind.slice(0, LONGEST_NAME) }
}

function parse(line: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    throw new UnfitMessage('A message was no JSON.')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new UnfitMessage('A message was no object.')
  return json as Record<string, unknown>
}

function isId(id: unknown): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0
}

function commandOf({ command }: Record<string, unknown>): string {
  if (typeof command !== 'string') throw new UnfitMessage('A question or report came without the name of its command.')
  return command
}

function inputOf({ input = {} }: Record<string, unknown>): unknown {
  requireFit(input, DEEPEST)
  return input
}

/** Before a schema walks through it, and whoever copies it. */
function requireFit(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth === 0) throw new UnfitMessage(`A message was nested more than ${DEEPEST} deep.`)
  if (Array.isArray(value)) {
    for (const item of value) requireFit(item, depth - 1)
    return
  }
  for (const name in value) {
    if (name === '__proto__') throw new UnfitMessage('A message had a member called "__proto__".')
    requireFit((value as Record<string, unknown>)[name], depth - 1)
  }
}

const Values = z.object({ kind: z.literal('values'), generation: Generation, secrets: z.record(SecretName, z.string()) })

/** What the router has answered it has also checked. */
export function writeMessage(message: ToAgent): string {
  return `${JSON.stringify(message.kind === 'values' ? Values.parse(message) : message)}\n`
}
