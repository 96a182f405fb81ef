import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { KEY_SAMPLES } from './keySamples.ts'

/** One text of the corpus: what is private in it, or nothing where it only looks like it. */
export interface Sample {
  readonly family: Family
  readonly text: string
  readonly expected: readonly { readonly type: PrivateType; readonly start: number; readonly end: number }[]
}

/** A file of the corpus, and the types that it is about. */
export const FAMILIES = {
  email: ['email'],
  phone: ['phone'],
  ssn: ['ssn', 'itin'],
  card: ['card'],
  iban: ['iban'],
  ip: ['ip'],
  'api-key': ['api-key'],
} as const satisfies Record<string, readonly PrivateType[]>
export type Family = keyof typeof FAMILIES

/** The samples lie in plain text: « » around what is private, with its type where the file is about several. */
export function readCorpus(): Sample[] {
  return (Object.keys(FAMILIES) as Family[]).flatMap((family) => linesOf(family).map((line) => readSample(family, line)))
}

function linesOf(family: Family): readonly string[] {
  if (family === 'api-key') return KEY_SAMPLES
  const text = readFileSync(join(import.meta.dirname, `${family}.txt`), 'utf8')
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('# '))
}

function readSample(family: Family, line: string): Sample {
  const expected: { type: PrivateType; start: number; end: number }[] = []
  let text = ''
  for (const piece of decoded(line).split('«')) {
    const end = piece.indexOf('»')
    if (end < 0) {
      text += piece
      continue
    }
    const [, named, value = ''] = /^(?:(itin):)?([\s\S]*)$/.exec(piece.slice(0, end)) ?? []
    const type = PrivateType.parse(named ?? FAMILIES[family][0])
    expected.push({ type, start: text.length, end: text.length + value.length })
    text += value + piece.slice(end + 1)
  }
  return { family, text, expected }
}

/** `\n`, `\t` and `\u{200b}` stand for what they name; every other backslash is one. */
function decoded(line: string): string {
  return line.replace(/\\u\{([0-9a-f]+)\}|\\([nt])/g, (_all, code: string | undefined, letter: string) =>
    code === undefined ? (letter === 'n' ? '\n' : '\t') : String.fromCodePoint(parseInt(code, 16)),
  )
}
