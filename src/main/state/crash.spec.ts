import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { openState } from './openState.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const ROUNDS = 8

interface Promised {
  heard: Map<number, string>
  stored: Set<number>
  checkpoint: number
}

/** Lets a writer run until it has said so many lines, kills it in the middle of its work, and gives what it had promised. */
async function writeUntilKilled(dataFolder: string, lines: number): Promise<Promised> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'testWriter.ts'), dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const promised: Promised = { heard: new Map(), stored: new Set(), checkpoint: -1 }
  let said = 0
  const output = createInterface({ input: writer.stdout })
  output.on('line', (line) => {
    if (++said === lines) writer.kill('SIGKILL')
    const word = JSON.parse(line.endsWith('}') ? line : '{}') as { heard?: [number, string][]; stored?: number; checkpoint?: number }
    for (const [seq, message] of word.heard ?? []) {
      expect(promised.heard.has(seq)).toBe(false)
      promised.heard.set(seq, message)
    }
    if (word.stored !== undefined) promised.stored.add(word.stored)
    promised.checkpoint = word.checkpoint ?? promised.checkpoint
  })
  const [[, signal]] = (await Promise.all([once(writer, 'exit'), once(output, 'close')])) as [[number, string], unknown]
  expect(signal).toBe('SIGKILL')
  return promised
}

it('a writer killed at any moment loses nothing that it promised, and no place is ever given twice', async () => {
  const dataFolder = folders.make()
  const heard = new Map<number, string>()
  for (let round = 0; round < ROUNDS; round++) {
    const promised = await writeUntilKilled(dataFolder, 1 + Math.floor(Math.random() ** 2 * 3000))
    for (const [seq, message] of promised.heard) {
      expect(heard.has(seq), `place ${seq} was given twice`).toBe(false)
      heard.set(seq, message)
    }

    const state = await openState({ dataFolder, clock: createTestClock() })
    const { latest } = await state.events.bounds()
    const kept = new Map((await state.events.after(0, 10_000_000)).map((event) => [event.seq, event]))
    for (const [seq, message] of heard) expect(kept.get(seq)?.message).toBe(message)
    for (const seq of promised.stored) expect(kept.has(seq)).toBe(true)
    expect(latest).toBeGreaterThan(Math.max(...heard.keys(), 0))
    expect(await state.events.canContinueFrom(Math.max(...heard.keys(), 0))).toBe(true)

    const lastChange = [...kept.values()].findLast((event) => event.name === 'agent.changed')
    expect(await state.agents.all()).toEqual(lastChange ? [lastChange.payload.agent] : [])
    const checkpoint = (await state.checkpoints.load('sa-00000001'))?.kept as { document: { round: number } } | undefined
    if (promised.checkpoint >= 0) expect(checkpoint?.document.round).toBeGreaterThanOrEqual(promised.checkpoint)
    // Some rounds end as a crash for the next one too: nobody closes here either.
    if (round % 2 === 0) await state.close()
  }
})
