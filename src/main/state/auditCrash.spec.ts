import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { createOriginalVault } from '../safety/desk/originalVault.ts'
import { keysOfMaster } from '../secrets/testKeys.ts'
import { DATABASE_FILE } from './openDatabase.ts'
import { openState } from './openState.ts'
import { useTestFolders } from './testFolder.ts'
import { verifyAudits } from './verifyAudit.ts'

const folders = useTestFolders()
const ROUNDS = 5
const MASTER_KEY = '0123456789abcdef'.repeat(4)

/** Lets a writer run until it has said so many lines, and kills it in the middle of its work. */
async function writeUntilKilled(dataFolder: string, lines: number, promised: Set<string>): Promise<void> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'testAuditWriter.ts'), dataFolder, MASTER_KEY], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = 0
  const output = createInterface({ input: writer.stdout })
  output.on('line', (line) => {
    if (++said === lines) writer.kill('SIGKILL')
    const { recorded } = JSON.parse(line.endsWith('}') ? line : '{"recorded":[]}') as { recorded: [string, string][] }
    for (const [id] of recorded) promised.add(id)
  })
  const [[, signal]] = (await Promise.all([once(writer, 'exit'), once(output, 'close')])) as [[number, string], unknown]
  expect(signal).toBe('SIGKILL')
}

it('an audit whose room is killed at any moment is whole, keeps what was told, has every original that it says it has, and none in the clear', async () => {
  const dataFolder = folders.make()
  const promised = new Set<string>()
  const keys = await keysOfMaster({ environment: { IRON_SECRETS_MASTER_KEY: MASTER_KEY }, keychain: null })
  const auditKey = keys.derive('audit')
  for (let round = 0; round < ROUNDS; round++) {
    await writeUntilKilled(dataFolder, 1 + Math.floor(Math.random() ** 2 * 80), promised)
    const bytes = readdirSync(dataFolder).map((name) => readFileSync(join(dataFolder, name), 'latin1')).join('')
    expect(bytes).not.toContain('@acme.com')
    const { records, firstBad, isSealChecked } = (await verifyAudits(join(dataFolder, DATABASE_FILE), auditKey)).safety
    expect([firstBad, isSealChecked]).toEqual([null, true])

    const state = await openState({ dataFolder, clock: createTestClock(), auditKey })
    const vault = createOriginalVault(state.originals, keys)
    const found = new Map<string, boolean>()
    await state.safetyAudit.each({ kind: 'private' }, ({ id, hasOriginal }) => found.set(id, hasOriginal))
    expect(found.size).toBe(records)
    for (const id of promised) expect(found.has(id), `${id} was told`).toBe(true)
    const kept = await vault.recent(1_000_000)
    expect(new Set(kept.map(({ id }) => id))).toEqual(new Set([...found].filter(([, hasOriginal]) => hasOriginal).map(([id]) => id)))
    for (const { original } of kept) expect(original.value).toMatch(/^(invented|cfo)-\d+@acme\.com$/)
    await state.close()
  }
  expect(promised.size).toBeGreaterThan(ROUNDS)
})
