import type { JsonValue } from '../../../shared/errors.ts'
import { nextTurn } from '../../nextTurn.ts'
import { scanInSlices } from '../scan/scanInSlices.ts'
import type { Match, Scanner } from '../scan/scanner.ts'
import { namesSecret, scanNamed } from './namedValue.ts'
import { redactJson } from './redactJson.ts'

/** A string or a name, the first place where it stands, and the name that may say what it is. */
export interface FoundString {
  readonly text: string
  readonly place: string
  readonly name: string | undefined
}

/** After so many characters in short strings others have their turn. */
const LOT_CHARACTERS = 128 * 1024
const PLAIN_NAME = /^[A-Za-z_$][\w$-]{0,59}$/

/** The same document with its strings and names replaced, each different one once; the very same object where nothing was. `root` is what places begin with. */
export async function replaceStrings(document: JsonValue, root: string, replace: (one: FoundString) => Promise<string>): Promise<JsonValue> {
  const all = new Map<string, FoundString>()
  collect(document, root, all)
  const changed = new Map<string, string>()
  let looked = 0
  for (const [known, one] of all) {
    const replacement = await replace(one)
    if (replacement !== one.text) changed.set(known, replacement)
    looked += one.text.length + 16
    if (looked > LOT_CHARACTERS) {
      looked = 0
      await nextTurn()
    }
  }
  return changed.size === 0 ? document : redactJson(document, (text, name) => changed.get(knownAs(text, name)) ?? text)
}

/** What is found in such a string: by itself, and behind its name. */
export async function scanString(scanner: Scanner, { text, name }: Pick<FoundString, 'text' | 'name'>): Promise<readonly Match[]> {
  const alone = await scanInSlices(scanner, text)
  return alone.length === 0 && namesSecret(name) ? scanNamed(scanner, name, text) : alone
}

/** The same text is another one behind a name that makes it private. */
function knownAs(text: string, name: string | undefined): string {
  return namesSecret(name) ? `${name}\n${text}` : `\n${text}`
}

function collect(value: JsonValue, place: string, all: Map<string, FoundString>, name?: string): void {
  if (typeof value === 'string') {
    const known = knownAs(value, name)
    if (!all.has(known)) all.set(known, { text: value, place, name })
  } else if (Array.isArray(value)) {
    value.forEach((member, index) => collect(member, `${place}[${index}]`, all))
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (!all.has(knownAs(key, undefined))) all.set(knownAs(key, undefined), { text: key, place, name: undefined })
      collect(member, `${place}.${PLAIN_NAME.test(key) ? key : '*'}`, all, key)
    }
  }
}
