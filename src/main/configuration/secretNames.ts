import { z } from 'zod'
import { SecretName } from '../../shared/domain/secret.ts'
import type { Kind } from './kinds.ts'

/** Null is all; an empty list is none. */
export const secretNames: Kind<string[] | null> = {
  schema: z.array(SecretName).nullable(),
  allowed: 'a list of names of secrets, such as ["OPENAI_API_KEY"]',
  flagTakes: 'many',
  placeholder: 'NAME',
  form: { kind: 'list' },
  fromText: (text) => text.split(',').map((name) => name.trim()).filter((name) => name !== ''),
  show: (value) => value,
}
