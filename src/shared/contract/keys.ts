import { z } from 'zod'
import { KeySource, KeyState } from '../domain/keys.ts'
import { command } from './define.ts'

/** Whoever knows the key file's passphrase opens every secret: it is longer than a password. */
const NewPassphrase = z.string().min(12, 'a passphrase has at least 12 characters').max(1_000)

export const KeyStatus = z.object({
  state: KeyState,
  /** Where the master key was found; null where none was. */
  source: KeySource.nullable(),
  /** What is wrong and what to do about it; null where nothing is. */
  sentence: z.string().nullable(),
  /** How one can be made or reached from here, by `keys.create`. */
  ways: z.object({ keychain: z.boolean(), passphrase: z.boolean() }),
})
export type KeyStatus = z.infer<typeof KeyStatus>

export const keyCommands = {
  'keys.status': command({
    summary: 'Tells whether the master key is there, and what to do where it is not.',
    least: 'viewer',
    http: 'GET /keys',
    input: z.strictObject({}),
    output: KeyStatus,
  }),
  'keys.create': command({
    summary: 'Makes a master key where there is none: in the keychain of the machine, or in a file that a passphrase opens.',
    least: 'admin',
    http: 'POST /keys',
    input: z.discriminatedUnion('way', [z.strictObject({ way: z.literal('keychain') }), z.strictObject({ way: z.literal('passphrase'), passphrase: NewPassphrase })]),
    output: KeyStatus,
  }),
  'keys.unlock': command({
    summary: 'Opens the key file with its passphrase; the room goes on with it at once.',
    least: 'admin',
    http: 'POST /keys/unlock',
    input: z.strictObject({ passphrase: z.string().min(1).max(1_000) }),
    output: KeyStatus,
  }),
}
