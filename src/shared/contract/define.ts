import type { z } from 'zod'
import type { LeastRole } from '../domain/roles.ts'

type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** `GET /agents/:agentId/status`; the REST door serves it below /api. */
export type HttpRoute = `${HttpMethod} /${string}`

export interface Command<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: 'command'
  /** One sentence for the API's description and the command line's help. */
  readonly summary: string
  readonly least: LeastRole
  readonly http?: HttpRoute
  /** Further spellings, served at the root as they stand. */
  readonly alsoAt?: readonly HttpRoute[]
  /** The largest request body of its REST routes, where it is not the usual one. */
  readonly largestBodyBytes?: number
  /** What the REST door calls an answer that is no JSON; the output is then its text. */
  readonly contentType?: string
  readonly input: I
  readonly output: O
}

/** Something to follow: it pushes items until one side ends it. */
export interface Stream<I extends z.ZodType = z.ZodType, T extends z.ZodType = z.ZodType> {
  readonly kind: 'stream'
  readonly summary: string
  readonly least: LeastRole
  readonly input: I
  readonly item: T
}

export function command<I extends z.ZodType, O extends z.ZodType>(entry: Omit<Command<I, O>, 'kind'>): Command<I, O> {
  return { kind: 'command', ...entry }
}

export function stream<I extends z.ZodType, T extends z.ZodType>(entry: Omit<Stream<I, T>, 'kind'>): Stream<I, T> {
  return { kind: 'stream', ...entry }
}
