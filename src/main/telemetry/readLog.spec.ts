import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { createLog } from './createLog.ts'
import { readLog } from './readLog.ts'

const folders = useTestFolders()

async function written(): Promise<string> {
  const folder = folders.make()
  const log = createLog({ folder, clock: createTestClock(), largestBytes: 1_000 })
  for (let i = 0; i < 40; i++) log.write({ level: 'INFO', event: 'invented', msg: `line ${i}`, agentId: i % 4 === 0 ? 'sa-00000001' : null, fields: { i } })
  await log.close()
  return folder
}

it('gives the last entries, oldest first, from as many files as it takes', async () => {
  const folder = await written()
  expect((await readLog(folder, { limit: 25 })).map(({ msg }) => msg)).toEqual(Array.from({ length: 25 }, (_, i) => `line ${i + 15}`))
  expect(await readLog(folder, { limit: 1000 })).toHaveLength(40)
})

it('gives those of one agent, as they were written', async () => {
  const entries = await readLog(await written(), { agentId: 'sa-00000001', limit: 3 })
  expect(entries.map(({ fields }) => fields['i'])).toEqual([28, 32, 36])
  expect(entries[2]).toEqual({
    at: Date.UTC(2026, 10, 21, 14, 23, 45),
    level: 'INFO',
    event: 'invented',
    msg: 'line 36',
    agentId: 'sa-00000001',
    userId: null,
    fields: { i: 36 },
  })
})

it('passes over what is no entry', async () => {
  const folder = await written()
  appendFileSync(join(folder, 'logs', 'control-room.log'), '{"ts":"2026-11\nnull\n42\n"text"\n{"level":"INFO"}\n{"ts":"2026-11-21T14:23:45.000Z","level":"LOUD","event":"a","msg":"b"}\n')
  expect((await readLog(folder, { limit: 1 })).map(({ msg }) => msg)).toEqual(['line 39'])
})

it('gives nothing where nothing was written', async () => {
  const folder = folders.make()
  expect(await readLog(folder, { limit: 5 })).toEqual([])
  mkdirSync(join(folder, 'logs'))
  expect(await readLog(folder, { limit: 5 })).toEqual([])
  writeFileSync(join(folder, 'logs', 'control-room.log'), '')
  expect(await readLog(folder, { limit: 5 })).toEqual([])
})
