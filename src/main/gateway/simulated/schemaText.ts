import type { JsonObject } from '../dialects/json.ts'
import type { Dice } from './dice.ts'
import { textForPattern } from './patternText.ts'
import { shortened, type Subject } from './subject.ts'

const LONGEST = 10_000

/** Values of formats; addresses and names are of those that belong to nobody. */
const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-03-02',
  time: '09:30:00Z',
  'date-time': '2026-03-02T09:30:00Z',
  duration: 'PT30M',
  email: 'contact@example.com',
  'idn-email': 'contact@example.com',
  hostname: 'www.example.com',
  'idn-hostname': 'www.example.com',
  ipv4: '192.0.2.10',
  ipv6: '2001:db8::10',
  uri: 'https://www.example.com/',
  url: 'https://www.example.com/',
  iri: 'https://www.example.com/',
  'uri-reference': '/overview',
  uuid: '6f1c8a52-3b7d-4e09-9c41-a2d85e70b316',
  'json-pointer': '/overview',
  regex: '^[a-z]+$',
}

interface Naming {
  readonly sign: RegExp
  readonly text: (subject: Subject) => string
}

/** What a field is probably for, by its name. */
const NAMINGS: readonly Naming[] = [
  { sign: /city|location|place|town|country|region|destination/, text: ({ place }) => place ?? 'Lisbon' },
  { sign: /compan|organi[sz]ation|account|firm|employer/, text: ({ company }) => company ?? 'Northwind' },
  { sign: /url|uri|link|website/, text: () => 'https://www.example.com/' },
  { sign: /date|day/, text: () => '2026-03-02' },
  { sign: /time/, text: () => '09:30' },
  { sign: /unit/, text: () => 'celsius' },
  { sign: /currency/, text: () => 'USD' },
  { sign: /lang/, text: () => 'English' },
  { sign: /path|file/, text: () => 'notes.txt' },
  { sign: /query|question|search|keyword|^q$|input|prompt|task|request/, text: ({ excerpt }) => shortened(excerpt, 80) },
  { sign: /title|subject|headline/, text: ({ topic }) => `About ${topic}` },
  { sign: /name|person|contact|lead|recipient|author|^to$/, text: ({ person }) => person ?? 'Dana' },
  { sign: /expression|formula|calculat/, text: () => '2 + 2' },
  { sign: /id$|key$|code$/, text: () => 'item-7' },
]

export function textForSchema(rules: JsonObject, name: string, subject: Subject, dice: Dice): string {
  const { pattern, format } = rules
  if (typeof pattern === 'string') {
    const text = textForPattern(pattern, dice)
    if (text !== null) return text
  }
  if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) return FORMATS[format] ?? ''
  const low = name.toLowerCase()
  const naming = NAMINGS.find(({ sign }) => sign.test(low))
  const text =
    naming?.text(subject) ?? dice.pick([`A note on ${subject.topic}`, `What matters about ${subject.topic}`, `More on ${subject.topic}`])
  return fitted(text, bound(rules.minLength) ?? 0, bound(rules.maxLength) ?? LONGEST)
}

function fitted(text: string, least: number, most: number): string {
  const long = text.padEnd(Math.min(least, LONGEST), ' and more')
  // By code points, as JSON Schema counts: half a character is none.
  return [...long].slice(0, most).join('')
}

const bound = (value: unknown): number | null => (typeof value === 'number' && value >= 0 ? Math.ceil(value) : null)
