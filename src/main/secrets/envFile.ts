import { AppError } from '../../shared/errors.ts'

/** Names and values of a `.env` file: comments, `export`, quotes of all three kinds, values of several lines. Errors name the line, never a value. */
export function parseEnvFile(text: string): [name: string, value: string][] {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text
  const found: [string, string][] = []
  let at = 0
  const lineAt = (place: number): number => source.slice(0, place).split('\n').length
  const refuse = (place: number, what: string): never => {
    throw new AppError('INVALID_INPUT', `Line ${lineAt(place)} of the .env file was not understood: ${what}.`)
  }

  while (at < source.length) {
    const blank = /\s*(?:#[^\n]*)?(?:\n|$)/y
    blank.lastIndex = at
    const skipped = blank.exec(source)
    if (skipped && skipped[0] !== '') {
      at = blank.lastIndex
      continue
    }
    const assignment = /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][A-Za-z0-9_.-]*)[^\S\n]*=[^\S\n]*/y
    assignment.lastIndex = at
    const begin = assignment.exec(source)
    if (!begin) return refuse(at, 'expected NAME=value, a comment that begins with #, or nothing')
    at = assignment.lastIndex
    const quote = source[at]
    if (quote === '"' || quote === '\'' || quote === '`') {
      const end = endOfQuoted(source, at, quote)
      if (end < 0) refuse(begin.index, `the quote that begins the value of ${begin[1]} does not end`)
      const inner = source.slice(at + 1, end)
      found.push([begin[1] as string, quote === '"' ? unescaped(inner) : inner])
      const rest = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y
      rest.lastIndex = end + 1
      if (!rest.exec(source)) refuse(end, `something follows the quoted value of ${begin[1]}`)
      at = rest.lastIndex
    } else {
      const lineEnd = source.indexOf('\n', at)
      const line = source.slice(at, lineEnd < 0 ? source.length : lineEnd)
      found.push([begin[1] as string, withoutComment(line).trim()])
      at = lineEnd < 0 ? source.length : lineEnd + 1
    }
  }
  return found
}

/** A number sign begins one where it stands first or behind a blank. */
function withoutComment(line: string): string {
  for (let at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
    if (at === 0 || /\s/.test(line[at - 1] as string)) return line.slice(0, at)
  }
  return line
}

/** In double quotes a backslash keeps the quote after it from ending them. */
function endOfQuoted(source: string, start: number, quote: string): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === quote) return at
    if (quote === '"' && source[at] === '\\') at += 1
  }
  return -1
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function unescaped(text: string): string {
  return text.replace(/\\([nrt"\\$`])/g, (_whole, letter: string) => ESCAPES[letter] ?? letter)
}

/** As shells read it too: in single quotes, or where there are some in it, in double ones. */
export function writeEnvFile(secrets: readonly { readonly name: string; readonly value: string }[]): string {
  return secrets.map(({ name, value }) => `${name}=${quoted(name, value)}\n`).join('')
}

/** Throws where no .env file can hold it. */
export function requireEnvValue({ name, value }: { readonly name: string; readonly value: string }): void {
  if (value.includes('\0')) throw new AppError('INVALID_INPUT', `The value of ${name} holds a NUL, which no .env file can; export it as kv2.`)
}

function quoted(name: string, value: string): string {
  requireEnvValue({ name, value })
  if (/^[A-Za-z0-9_./:@%+,=-]+$/.test(value)) return value
  return value.includes('\'') ? `"${value.replace(/["\\$`]/g, '\\$&')}"` : `'${value}'`
}
