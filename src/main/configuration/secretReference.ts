import { z } from 'zod'
import type { Kind } from './kinds.ts'

/** Where a secret lies: `env:SMTP_PASSWORD` is that variable of the room's environment. */
const REFERENCE = /^env:[A-Za-z_][A-Za-z0-9_]*$/

export const secretReference: Kind<string | null> = {
  schema: z.string().regex(REFERENCE),
  allowed:
    'a reference such as env:NAME to the environment variable that holds it, for what stands in a file in the clear is read by every copy of the file',
  flagTakes: 'one',
  placeholder: 'env:NAME',
  fromText: (text) => text,
  show: (value) => value,
  conceals: () => true,
}

/** For what may be a secret and need not be one. */
export function orReference(kind: Kind<string>): Kind<string | null> {
  return {
    ...kind,
    schema: z.union([z.string().regex(REFERENCE), kind.schema]),
    allowed: `${kind.allowed}, or a reference such as env:NAME to the environment variable that holds it`,
    show: (value) => (value === null || REFERENCE.test(value) ? value : kind.show(value)),
  }
}

/** The variable that a reference names; null for what is no reference. */
export function referredVariable(setting: string | null): string | null {
  return setting !== null && REFERENCE.test(setting) ? setting.slice('env:'.length) : null
}

/** What a setting stands for: itself, or what the variable holds that it names; null where that is missing or empty. */
export function dereference(setting: string | null, environment: Readonly<Record<string, string | undefined>>): string | null {
  const name = referredVariable(setting)
  return name === null ? setting : environment[name] || null
}
