import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { commands } from '../../../src/shared/contract/contract.ts'
import { EVENT_PAYLOADS } from '../../../src/shared/domain/event.ts'
import { settingOf } from '../../../src/main/configuration/settings.ts'
import { COMMAND_NAMES } from '../../../src/main/cli/commandTable.ts'
import { referencePages } from './pages.ts'
import { declared, schemaIn } from './typeText.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const pages = await referencePages()
const pageNamed = (name: string): string => pages.find(({ path }) => path.endsWith(`/${name}.md`))!.text

it.each(pages)('$path says what the sources say; where it does not, run `npm run docs`', ({ path, text }) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text)
})

it('tells every command, event, setting and word of the command line', () => {
  const headings = (name: string): string[] => [...pageNamed(name).matchAll(/^### `(.+)`$/gm)].map(([, heading]) => heading!)
  expect(headings('api')).toEqual(expect.arrayContaining(Object.keys(commands)))
  expect(headings('events').sort()).toEqual(Object.keys(EVENT_PAYLOADS).sort())
  expect(headings('commands')).toEqual(COMMAND_NAMES)
  expect(headings('configuration').filter((key) => settingOf(key as 'budget') === undefined)).toEqual([])
})

it('writes types that are TypeScript, and names no shape that it does not show', () => {
  const typeBlocks = pages.flatMap(({ text }) => [...text.matchAll(/```ts\n([^`]*)```/g)].map(([, code]) => code!))
  const broken = typeBlocks.filter((code) => ts.transpileModule(code, { reportDiagnostics: true }).diagnostics?.length !== 0)
  expect(typeBlocks.length).toBeGreaterThan(100)
  expect(broken).toEqual([])
  const shown = new Set([...pageNamed('api').matchAll(/^type (\w+) =/gm)].map(([, name]) => name))
  const spokenOf = typeBlocks.flatMap((code) => code.replace(/\/\*.*?\*\/|"[^"]*"|\/\/.*/g, '').match(/\b[A-Z]\w+/g) ?? [])
  const known = ['Json', 'Event', 'Payload', 'Record', 'Partial', 'Array']
  expect([...new Set(spokenOf)].filter((name) => !shown.has(name) && !known.includes(name))).toEqual([])
})

it('has the words that stand above a member in the source', () => {
  expect(pageNamed('api')).toContain('  /** What it is at, in a few words: `scoring`. Holds until it tells another, or null; left out, it stays. */\n  step?: string | null // 1 to 120 characters')
  expect(declared('Input', { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, new Map([['a', 'Why.']]))).toBe('type Input = {\n  /** Why. */\n  a: string\n}')
})

it('says of a member how long it may be, and what it is when left out', () => {
  const Colour = z.enum(['red', 'green'])
  const schema = z.strictObject({ colour: Colour, name: z.string().min(3).max(9), count: z.int().positive().max(5).default(1), tags: z.array(z.string()).max(2).nullable() })
  expect(declared('Input', schemaIn(new Map([['Colour', Colour]]), schema, 'input'))).toBe(`type Input = {
  colour: Colour
  name: string // 3 to 9 characters
  count?: number // whole above 0 up to 5; 1 when left out
  tags: string[] | null // 2 items at most
}`)
})
