import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseCommandLine } from '../../src/main/cli/commandLine.ts'
import { COMMANDS, flagOf, type CommandName, type CommandSpec } from '../../src/main/cli/commandTable.ts'
import { EXIT_CODES } from '../../src/main/cli/exitCodes.ts'
import { restRoutes } from '../../src/main/api/restRoutes.ts'
import { settingOf } from '../../src/main/configuration/settings.ts'
import { readDocuments, ROOT, type Document } from './documents.ts'
import { commandLines, wordsOf } from './shellWords.ts'

const documents = readDocuments()
const files = globSync(['*/**/*', '*.{ts,js,json,md}', '.ci/*'], {
  cwd: ROOT,
  exclude: (path) => /^(?:node_modules|out|dist|release|coverage|test-results|playwright-report)(?:$|[\\/])|__pycache__|\.venv/.test(path),
}).map((path) => `/${path.replaceAll('\\', '/')}`)
const sources = files.filter((path) => /\.(ts|vue|py|mjs|js|json|toml|yaml|txt|cjs)$/.test(path) && !path.includes('/corpus/')).map((path) => readFileSync(join(ROOT, path), 'utf8')).join('\n')
const said = sources.toLowerCase()
const npmScripts = Object.keys((JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts)
const ownExits = new Set<number>(Object.values(EXIT_CODES).map(([code]) => code))

type Said = { readonly word: string; readonly line: number }
const told = (found: readonly Said[]): string[] => found.map(({ word, line }) => `line ${line}: ${word}`)

it.each(documents)('every command line of $path is one', (document) => {
  const written = document.snippets.filter(({ language, remark }) => language === 'sh' && !isOfAnother(remark)).flatMap(({ code, line }) => commandLines(code).map((word) => ({ word, line })))
  const wrong = written.flatMap(({ word, line }) => {
    const fault = faultOf(word)
    return fault === null ? [] : [`line ${line}: ${word}: ${fault}`]
  })
  expect(wrong).toEqual([])
})

/** What stands for something else in a block: `$ID`, `ID`. */
function faultOf(line: string): string | null {
  try {
    parseCommandLine(wordsOf(line).slice(1).map((word) => (/^\$\w+$|^ID$/.test(word) ? 'lg-7a3f9c2d' : word)))
    return null
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem)
  }
}

it.each(documents)('every command and flag that $path speaks of exists', (document) => {
  const spoken = document.words.filter(({ word }) => word.startsWith('iron_cage '))
  const wrong = spoken.filter(({ word }) => {
    const [, name = '', ...others] = wordsOf(word)
    if (/^[A-Z…]|^--(?:help|version)$/.test(name)) return false
    const spec = (COMMANDS as Record<string, CommandSpec>)[name]
    return !spec || flagsIn(others).some((flag) => !flagsOf(name as CommandName).has(flag))
  })
  const unparsed = spoken.flatMap(({ word, line }) => {
    const fault = word.includes('…') ? null : faultOf(word.replace(/[[\]]/g, '').replace(/\b[A-Z]{2,}\b/g, (name) => PLACEHOLDERS[name] ?? name))
    // A command may be named without what it needs.
    return fault === null || /^iron_cage \w+ needs /.test(fault) || word.startsWith('iron_cage COMMAND') ? [] : [{ word: `${word}: ${fault}`, line }]
  })
  const flags = document.words.flatMap(({ word, line }) => (/^--[a-z-]+/.test(word) ? flagsIn(wordsOf(word)).map((flag) => ({ word: flag, line })) : []))
  const unknown = flags.filter(({ word }) => !Object.keys(COMMANDS).some((name) => flagsOf(name as CommandName).has(word)) && !sources.includes(`--${word}`))
  expect([...told(wrong), ...told(unparsed), ...told(unknown)]).toEqual([])
})

/** What stands for something else within a line. */
const PLACEHOLDERS: Readonly<Record<string, string>> = { ID: 'lg-7a3f9c2d', AGENT: 'lg-7a3f9c2d', DOLLARS: '5' }

function flagsIn(words: readonly string[]): string[] {
  const end = words.indexOf('--')
  return words.slice(0, end < 0 ? undefined : end).flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? [])
}

function flagsOf(name: CommandName): Set<string> {
  const spec: CommandSpec = COMMANDS[name]
  return new Set([...spec.options.map(flagOf), ...spec.settings.flatMap((key) => settingOf(key).flag ?? []), 'version'])
}

it.each(documents)('every exit code that $path speaks of is one of ours', ({ prose }) => {
  const spoken = prose.flatMap(({ text, line }) => [...text.matchAll(/exit codes? `?(\d+)|ends with (?:exit code )?`?(\d+)\b/g)].map((match) => ({ code: Number(match[1] ?? match[2]), line })))
  expect(spoken.filter(({ code }) => !ownExits.has(code))).toEqual([])
})

it.each(documents)('every name in $path that reads like one of ours is one', (document) => {
  const isOurs = (word: string): boolean => sources.includes(word) || files.some((file) => file.endsWith(`/${word}`)) || isMember(word)
  const wrong = document.words.filter(({ word }) => looksLikeName(word) && !isOurs(word) && !OF_OTHERS.has(word))
  expect(told(wrong)).toEqual([])
})

/** `chain.place` is the member `place` of `chain`. */
function isMember(word: string): boolean {
  const [owner, member, ...deeper] = word.split('.')
  return member !== undefined && deeper.length === 0 && new RegExp(`\\b${owner}: [^\\n]*\\b${member}\\b`).test(sources)
}

/** Members of what providers answer, LangChain's functions, Electron's fuses. */
const OF_OTHERS: ReadonlySet<string> = new Set(['start_index', 'get_num_tokens', 'check_embedding_ctx_length', 'runAsNode'])

/** `park_for`, `agent.changed`, `IRON_CAGE_HOME`, `toolCallId`: nobody writes these by chance. */
function looksLikeName(word: string): boolean {
  return /^[a-z]\w*_\w+$/.test(word) || /^[a-z]+\.[a-z]+[A-Z]?\w*$/.test(word) || /^IRON_[A-Z_]+$/.test(word) || /^[a-z]+[A-Z]\w+$/.test(word)
}

it.each(documents)('every file of the project that $path names is there', (document) => {
  const named = document.words.filter(({ word }) => /^(?:\.\/)?(?:src|scripts|resources|docs|e2e|bench|main|shared|renderer|tests)\/[\w./-]+$/.test(word))
  const isThere = (path: string): boolean => files.some((file) => file.endsWith(path) || file.includes(`${path.replace(/\/$/, '')}/`))
  expect(told(named.filter(({ word }) => !isThere(`/${word.replace(/^\.\//, '')}`)))).toEqual([])
})

it.each(documents)('every npm script and REST address in $path exists', (document) => {
  const written = [...document.words, ...document.snippets.map(({ code, line }) => ({ word: code, line }))]
  const scripts = written.flatMap(({ word, line }) => [...word.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map((match) => ({ word: match[1]!, line })))
  expect(told(scripts.filter(({ word }) => !npmScripts.includes(word)))).toEqual([])
  const addresses = document.words.flatMap(({ word, line }) => {
    const match = /^(GET|POST|PUT|PATCH|DELETE) (?:\{url\})?(\/api\/[^\s?]+)/.exec(word)
    return match ? [{ word: `${match[1]} ${match[2]}`, line }] : []
  })
  expect(told(addresses.filter(({ word }) => !ADDRESSES.some((address) => address.test(word))))).toEqual([])
})

const OUTSIDE_OF_THE_CONTRACT = ['GET /api/health', 'GET /api/openapi.json', 'POST /api/auth/login', 'POST /api/auth/logout']
const ADDRESSES = [...restRoutes().map(({ method, path }) => `${method} ${path}`), ...OUTSIDE_OF_THE_CONTRACT].map(
  (address) => new RegExp(`^${address.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`),
)

/** Where italics and bold are the room's own words, and not ours. */
const QUOTING = documents.filter(({ path }) => ['docs/troubleshooting.md', 'docs/demo.md', 'docs/room.md'].includes(path))

it.each(QUOTING)('what $path quotes is what the room says', ({ quotes }) => {
  const isSaid = (quote: string): boolean => quote.split(/…| → |IRON_CAGE_\w*|[A-Z]+_KEY|\d[\d:]*/).every((piece) => saidSomewhere(piece.trim().replace(/\.$/, '')))
  expect(told(quotes.filter(({ word }) => !isSaid(word)))).toEqual([])
})

function saidSomewhere(piece: string): boolean {
  return piece.length < 3 || said.includes(piece.toLowerCase())
}

/** Blocks in another's shell are named as such. */
function isOfAnother(remark: string | null): boolean {
  return remark?.startsWith('names ') ?? false
}

it('the drawing of the house in CONTRIBUTING.md has every room, and no other', () => {
  const drawing = documents.find(({ path }) => path === 'CONTRIBUTING.md')!.snippets.find(({ code }) => code.startsWith('src/shared/'))!.code
  const drawn = [...drawing.matchAll(/^  (\w+)\/ /gm)].map(([, room]) => room)
  const rooms = new Set(files.flatMap((path) => /^\/src\/main\/(\w+)\//.exec(path)?.[1] ?? []))
  expect(drawn.sort()).toEqual([...rooms].sort())
})

it('the newest version of CHANGELOG.md is the one of this project', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  expect(/^## (\S+)$/m.exec(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'))?.[1]).toBe(version)
})

it('sees what is wrong', () => {
  expect(saidSomewhere('nobody has ever ' + 'said this')).toBe(false)
  expect(faultOf('iron_cage strat agent.py')).toMatch(/did you mean start/)
  expect(faultOf('iron_cage stop ID')).toBeNull()
  expect(looksLikeName('parked_for')).toBe(true)
  expect(sources.includes('parked_for_ever' + '_and_ever')).toBe(false)
  const document = { words: [{ word: 'GET /api/agent', line: 3 }] } as unknown as Document
  expect(ADDRESSES.some((address) => address.test(document.words[0]!.word))).toBe(false)
})
