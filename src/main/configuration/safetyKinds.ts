import { z } from 'zod'
import { CellMode, Direction, PrivateType } from '../../shared/domain/safetyRules.ts'
import { parseNotPrivate } from '../safety/allowances/allowances.ts'
import type { Kind } from './kinds.ts'

/** `phone=warn`, one for each name. */
function modesBy<K extends string>(names: z.ZodEnum<{ readonly [N in K]: N }>): Kind<Partial<Record<K, CellMode>>> {
  return {
    schema: z.partialRecord(names, CellMode) as unknown as z.ZodType<Partial<Record<K, CellMode>>>,
    allowed: `NAME=MODE, where NAME is one of ${names.options.join(', ')} and MODE one of ${CellMode.options.join(', ')}`,
    flagTakes: 'many',
    placeholder: 'NAME=MODE',
    form: { kind: 'pairs', names: [...names.options], options: [...CellMode.options] },
    fromText(text) {
      const pairs = text.split(',').map((pair) => pair.split('=').map((part) => part.trim()))
      return pairs.every((pair) => pair.length === 2) ? Object.fromEntries(pairs) : text
    },
    show: (value) => value as Record<string, CellMode>,
  }
}

export const typeModes = modesBy(PrivateType)
export const directionModes = modesBy(Direction)

const Name = z.string().regex(/^[^\0]{1,500}$/)

/** Null is everything; an empty list is nothing. */
export const allowedNames: Kind<string[] | null> = {
  schema: z.array(Name).nullable(),
  allowed: 'a list of names, in which * stands for any characters, such as ["gpt-4*"] or ["*.example.com"]',
  flagTakes: 'many',
  placeholder: 'NAME',
  form: { kind: 'list' },
  fromText: (text) => text.split(',').map((name) => name.trim()),
  show: (value) => value,
}

const NotPrivate = Name.refine(isNotPrivate)

export const notPrivate: Kind<string[]> = {
  schema: z.array(NotPrivate),
  allowed: 'a list of values, domains such as @company.com, or patterns such as /^ORD-[0-9]+$/',
  flagTakes: 'many',
  placeholder: 'VALUE',
  form: { kind: 'list' },
  fromText: (text) => [text],
  show: (value) => value,
}

function isNotPrivate(text: string): boolean {
  try {
    parseNotPrivate(text)
    return true
  } catch {
    return false
  }
}
