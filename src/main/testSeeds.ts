import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Invented private data by what it is: none of it may be found in a folder that is ours. For specs only. */
export const seeds: Readonly<Record<string, string>> = {
  email: 'seeded.ceo@acme-invented.test',
  phone: '(415) 555-0132',
  ssn: '078-05-1120',
  card: '4111 1111 1111 1111',
  iban: 'DE89 3704 0044 0532 0130 00',
  ip: '198.51.100.77',
  // Put together here, so that nobody who looks through sources takes it for a real one.
  apiKey: ['sk', 'proj', 'inventedQ7w2E9r4T1y6U3i8O5p0'].join('-'),
  /** The value of a variable that is called a password. */
  password: 'hunter2-seeded-4711',
}

export interface SeedHit {
  readonly file: string
  readonly seed: string
  readonly form: string
  /** What stands around it. */
  readonly around: string
}

const FORMS: Readonly<Record<string, (seed: string) => Buffer>> = {
  plain: (seed) => Buffer.from(seed, 'utf8'),
  backwards: (seed) => Buffer.from([...seed].reverse().join('')),
  'UTF-16': (seed) => Buffer.from(seed, 'utf16le'),
  'UTF-16, big end first': (seed) => Buffer.from(seed, 'utf16le').swap16(),
  hexadecimal: (seed) => Buffer.from(Buffer.from(seed, 'utf8').toString('hex')),
  'hexadecimal capitals': (seed) => Buffer.from(Buffer.from(seed, 'utf8').toString('hex').toUpperCase()),
  base64: (seed) => base64Within(seed, 0),
  'base64 behind one byte': (seed) => base64Within(seed, 1),
  'base64 behind two bytes': (seed) => base64Within(seed, 2),
  'a JSON string': (seed) => Buffer.from(JSON.stringify(seed).slice(1, -1)),
  percent: (seed) => Buffer.from(encodeURIComponent(seed)),
  'JSON escapes': (seed) => Buffer.from([...seed].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')),
}

/** Without its first and last letters, which depend on what stands around it. */
function base64Within(seed: string, before: number): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(seed, 'utf8')])
  const [first, last] = [before === 0 ? 0 : 4, Math.floor(bytes.length / 3) * 4]
  return Buffer.from(bytes.toString('base64').slice(first, last))
}

/** Every place where a file of the folder holds a seed, byte by byte: database pages, write-ahead logs and all the rest. */
export function searchFolder(folder: string, wanted: Readonly<Record<string, string>> = seeds): SeedHit[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.flatMap(({ parentPath, name }) => {
    const path = join(parentPath, name)
    return searchBytes(readFileSync(path), relative(folder, path), wanted)
  })
}

export function searchBytes(bytes: Buffer, file: string, wanted: Readonly<Record<string, string>> = seeds): SeedHit[] {
  return Object.entries(wanted).flatMap(([seed, value]) =>
    Object.entries(FORMS).flatMap(([form, encode]) => {
      const encoded = encode(value)
      // Digits alone read the same in many forms.
      if (form !== 'plain' && encoded.toString() === value) return []
      const place = bytes.indexOf(encoded)
      return place < 0 ? [] : [{ file, seed, form, around: bytes.toString('latin1', Math.max(0, place - 120), place + 80) }]
    }),
  )
}
