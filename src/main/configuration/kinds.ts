import { z } from 'zod'
import { LARGEST_BUDGET, parseDollars } from '../../shared/domain/money.ts'
import type { Millis, Nanodollars } from '../../shared/domain/units.ts'
import type { SettingForm } from '../../shared/contract/settings.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { formatExactDollars } from '../../shared/format.ts'

/** One kind of setting: how it is read from a file, from text, and how it is told to people. */
export interface Kind<T> {
  /** Reads what a file holds. */
  readonly schema: z.ZodType<T>
  /** Ends the sentence "it must be …". */
  readonly allowed: string
  /** The same for a value inside of this one, by its path and what it is; null where that says no more. */
  allowedAt?(path: readonly PropertyKey[]): string | null
  /** How often a flag of this kind may stand, and whether it takes a value. */
  readonly flagTakes: 'nothing' | 'one' | 'many'
  /** What a flag's help calls the value: `DOLLARS`. */
  readonly placeholder: string
  /** How a page asks for it; as one text when left out. */
  readonly form?: SettingForm
  /** Whether `show` keeps a part of the value back. */
  readonly isMasked?: true
  /** Turns the text of a flag or a variable into what the schema reads. */
  fromText(text: string): unknown
  /** The value as somebody would write it. */
  show(value: T): JsonValue
  /** What the given text probably was before a shell had its way with it. */
  shellHint?(text: string): string | null
  /** Whether a refused value may be a secret, and so stays out of the sentence that refuses it. */
  conceals?(given: unknown): boolean
}

/** Where nobody need say anything, and an explicit null says so. */
export function orNothing<T>(kind: Kind<T>): Kind<T | null> {
  return { ...kind, schema: kind.schema.nullable(), show: (value) => (value === null ? null : kind.show(value)) }
}

const asIs = (text: string): unknown => text

export const dollars: Kind<Nanodollars> = {
  schema: z.union([z.string(), z.number()]).transform((given, context) => {
    const amount = parseDollars(String(given))
    if (amount !== null && amount > 0 && amount <= LARGEST_BUDGET) return amount
    context.addIssue('no such amount')
    return z.NEVER
  }),
  allowed: 'an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25',
  flagTakes: 'one',
  placeholder: 'DOLLARS',
  fromText: asIs,
  show: (value) => `$${formatExactDollars(value)}`,
  // "$50" unquoted is the variable $5 and a 0; "$5" is nothing at all.
  shellHint: (text) => (/^0*(\.\d*)?$/.test(text) ? "a shell turns an unquoted $50 into 0: write --budget 50, or quote it: '$50'" : null),
}

export function choice<const V extends string>(values: readonly [V, ...V[]]): Kind<V> {
  return {
    schema: z.enum(values) as unknown as z.ZodType<V>,
    allowed: `one of ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
    flagTakes: 'one',
    placeholder: values.join('|'),
    form: { kind: 'choice', options: [...values] },
    fromText: asIs,
    show: (value) => value,
  }
}

export function wholeNumber(least: number, most: number): Kind<number> {
  return {
    schema: z.int().min(least).max(most),
    allowed: `a whole number from ${least} to ${most}`,
    flagTakes: 'one',
    placeholder: 'N',
    form: { kind: 'number', least, most },
    fromText: (text) => (/^\d+$/.test(text) ? Number(text) : text),
    show: (value) => value,
  }
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 }
const LONGEST_DURATION_MS = 3_600_000

export const duration: Kind<Millis> = {
  schema: z.union([z.string(), z.number()]).transform((given, context) => {
    const [, amount, unit = 's'] = /^(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m)?$/.exec(String(given)) ?? []
    const lengthMs = Math.round(Number(amount) * (UNIT_MS[unit] ?? Number.NaN))
    if (lengthMs >= 0 && lengthMs <= LONGEST_DURATION_MS) return lengthMs
    context.addIssue('no such duration')
    return z.NEVER
  }),
  allowed: 'a number of seconds up to 3600, or a time such as 5s, 500ms or 2m',
  flagTakes: 'one',
  placeholder: 'TIME',
  fromText: asIs,
  show: (value) => (value % 1_000 === 0 ? `${value / 1_000}s` : `${value}ms`),
}

const SWITCH_WORDS: Record<string, boolean> = { true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false }

export const onOrOff: Kind<boolean> = {
  schema: z.boolean(),
  allowed: 'true or false',
  flagTakes: 'nothing',
  placeholder: '',
  form: { kind: 'switch' },
  fromText: (text) => (Object.hasOwn(SWITCH_WORDS, text.toLowerCase()) ? SWITCH_WORDS[text.toLowerCase()] : text),
  show: (value) => value,
}

/** A path or a program's name; null where nobody named one. */
export function path(allowed: string): Kind<string | null> {
  return {
    schema: z.string().regex(/^[^\0]+$/),
    allowed,
    flagTakes: 'one',
    placeholder: 'PATH',
    fromText: asIs,
    show: (value) => value,
  }
}

export const textList: Kind<string[]> = {
  // YAML reads a bare 100 as a number; as an argument it is the text that was written.
  schema: z.array(z.union([z.string().regex(/^[^\0]*$/), z.number().transform(String)])),
  allowed: 'a list of texts, such as ["--leads", "100"]',
  flagTakes: 'many',
  placeholder: 'TEXT',
  form: { kind: 'list' },
  fromText: asIs,
  show: (value) => value,
}

export const variables: Kind<Record<string, string>> = {
  schema: z.record(
    z.string().regex(/^(?!IRON_CAGE_)[A-Za-z_][A-Za-z0-9_]*$/),
    z.union([z.string().regex(/^[^\0]*$/), z.number().transform(String), z.boolean().transform(String)]),
  ),
  allowed: 'NAME=VALUE, where the name has letters, digits and _ only, does not begin with a digit and not with IRON_CAGE_',
  flagTakes: 'many',
  placeholder: 'NAME=VALUE',
  fromText(text) {
    const equals = text.indexOf('=')
    return equals > 0 ? { [text.slice(0, equals)]: text.slice(equals + 1) } : text
  },
  show: (value) => value,
  // A key whose name has a dash does not go on into an error's sentence.
  conceals: () => true,
}
