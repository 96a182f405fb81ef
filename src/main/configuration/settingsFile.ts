import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { parse as parseToml, TomlError } from 'smol-toml'
import { isScalar, LineCounter, parseDocument } from 'yaml'
import { AppError } from '../../shared/errors.ts'
import { quote } from './refusal.ts'

/** A settings file as it was written: nothing is checked yet but its syntax. */
export interface SettingsFile {
  readonly path: string
  readonly values: Readonly<Record<string, unknown>>
  /** The line on which a key stands, where the format tells. */
  lineOf(key: string): number | null
}

export const LARGEST_SETTINGS_BYTES = 1_000_000

/** Null when there is no such file; every other trouble is an error with the file's name in it. */
export async function readSettingsFile(path: string): Promise<SettingsFile | null> {
  const text = await readSettingsText(path)
  return text === null ? null : parseSettings(path, text)
}

/** The syntax goes by the file's ending. */
export function parseSettings(path: string, text: string): SettingsFile {
  return extname(path) === '.toml' ? parseAsToml(path, text) : parseAsYaml(path, text)
}

/** Null when there is no such file. */
export async function readSettingsText(path: string): Promise<string | null> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw invalid(`${path} ${UNREADABLE[code ?? ''] ?? `cannot be read (${code})`}.`)
  }
  if (bytes.length > LARGEST_SETTINGS_BYTES) throw invalid(`${path} has ${bytes.length} bytes; a settings file has 1 MB at most.`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid(`${path} is not UTF-8 text, but a settings file must be.`)
  }
}

const UNREADABLE: Record<string, string> = {
  EISDIR: 'is a folder, but must be a settings file',
  EACCES: 'may not be read; allow it with chmod u+r',
}

function parseAsYaml(path: string, text: string): SettingsFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem) throw invalid(`${path}, line ${lines.linePos(problem.pos[0]).line} is not valid YAML: ${sentence(problem.message)}`)
  let values: unknown
  try {
    values = document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch (error) {
    throw invalid(`${path} is not valid YAML: ${sentence((error as Error).message)}`)
  }
  return {
    path,
    values: asTable(path, values),
    lineOf(key) {
      const contents = document.contents
      const pairs = contents && 'items' in contents ? contents.items : []
      for (const pair of pairs as { key: unknown }[]) {
        if (isScalar(pair.key) && pair.key.value === key && pair.key.range) return lines.linePos(pair.key.range[0]).line
      }
      return null
    },
  }
}

function parseAsToml(path: string, text: string): SettingsFile {
  try {
    return { path, values: asTable(path, parseToml(text)), lineOf: () => null }
  } catch (problem) {
    if (!(problem instanceof TomlError)) throw problem
    const [what = ''] = problem.message.split('\n')
    throw invalid(`${path}, line ${problem.line} is not valid TOML: ${sentence(what.replace(/^Invalid TOML document: /, ''))}`)
  }
}

function asTable(path: string, values: unknown): Record<string, unknown> {
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values as Record<string, unknown>
  throw invalid(`${path} holds ${quote(values)}, but a settings file must be lines of "key: value", such as "budget: 50".`)
}

function sentence(message: string): string {
  const oneLine = message.replace(/\s+/g, ' ').trim()
  return oneLine.endsWith('.') ? oneLine : `${oneLine}.`
}

function invalid(message: string): AppError {
  return new AppError('INVALID_CONFIGURATION', message)
}
