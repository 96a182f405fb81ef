import { z } from 'zod'
import { ERROR_STATUS, type ErrorCode } from './errors.ts'

/** The session between a client and the room: the same messages over a WebSocket and over Electron's IPC. */

const Id = z.int().nonnegative()

const ErrorBody = z.object({
  code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  details: z.json().optional(),
})

export const ClientMessage = z.union([
  z.strictObject({ id: Id, request: z.string(), input: z.json() }),
  z.strictObject({ id: Id, open: z.string(), input: z.json() }),
  /** So many characters or items of a stream have been dealt with: the sender may go on. */
  z.strictObject({ id: Id, acknowledge: z.int().positive() }),
  z.strictObject({ id: Id, close: z.literal(true) }),
])
export type ClientMessage = z.infer<typeof ClientMessage>

export const ServerMessage = z.union([
  z.object({ id: Id, output: z.json() }),
  z.object({ id: Id, error: ErrorBody }),
  z.object({ id: Id, item: z.json() }),
  z.object({ id: Id, ended: z.literal(true) }),
])
export type ServerMessage = z.infer<typeof ServerMessage>

/** A larger message is an attack or a mistake; uploads in base64 are the largest honest ones. */
export const LARGEST_MESSAGE_BYTES = 40_000_000
