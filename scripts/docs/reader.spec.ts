import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Snippet } from './documents.ts'
import { createReader, type Reader } from './reader.ts'

let reader: Reader

beforeEach(async () => {
  reader = await createReader({ pythonFolder: null })
})
afterEach(() => reader.leave())

const block = (language: string, code: string): Snippet => ({ language, code, line: 1, remark: null, followsBlock: false })

it('types block after block in one folder, where variables and files stay', async () => {
  reader.keep(block('python', '# tools/agent.py\nprint("it runs")'))
  expect(await reader.type(block('sh', 'export WHO=ada\necho "$WHO"; echo oh >&2'))).toEqual({ code: 0, said: 'ada\noh\n' })
  expect(await reader.type(block('sh', 'echo "$WHO"; cat tools/agent.py'))).toEqual({ code: 0, said: 'ada\n# tools/agent.py\nprint("it runs")\n' })
})

it('says how a block ended: at its first command that fails', async () => {
  expect(await reader.type(block('sh', 'echo before; (exit 3); echo after'))).toEqual({ code: 3, said: 'before\n' })
})

it('has a home of its own, in which no room was, and a port of its own that reads as the usual one', async () => {
  const { code, said } = await reader.type(block('sh', 'iron_cage list; echo "http://127.0.0.1:7317 $IRON_CAGE_PORT"'))
  expect(code).toBe(0)
  expect(said).toMatch(/http:\/\/127\.0\.0\.1:7317 7317\n$/)
  expect(said).toContain('No agents yet')
})

it('opens a room beside the other blocks, and ends it when it leaves, with all that is in its folder', async () => {
  const { said } = await reader.type(block('sh', 'iron_cage serve'))
  expect(said).toContain('listening on http://127.0.0.1:7317')
  const pid = Number((await reader.type(block('sh', `sed 's/.*"pid":\\([0-9]*\\).*/\\1/' ~/.local/share/iron-cage/instance.json`))).said)
  expect(() => process.kill(pid, 0)).not.toThrow()
  await reader.leave()
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(existsSync(dirname(reader.folder))).toBe(false)
})
