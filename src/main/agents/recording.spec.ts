import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../ports.ts'
import { createRecording, deleteRecording, readRecording, type Recording } from './recording.ts'

let folder: string
let file: string
let now: number
const clock: Clock = { now: () => now, after: () => ({ cancel: () => undefined }) }
const failures: unknown[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iron-cage-recording-'))
  file = join(folder, 'terminals', 'lg-00000000.cast')
  now = 1_700_000_000_250
  failures.length = 0
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function record(fileBytes?: number): Recording {
  return createRecording({ file, clock, size: { columns: 80, rows: 24 }, onFailure: (problem) => failures.push(problem), fileBytes })
}

describe('the recording of a terminal', () => {
  it('is an asciicast, for its owner alone', async () => {
    const recording = record()
    recording.output('hello\r\n')
    await recording.flush()
    recording.resized({ columns: 100, rows: 30 })
    await recording.close()
    const [header, first, second] = (await readFile(file, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as unknown)
    expect(header).toEqual({ version: 2, width: 80, height: 24, timestamp: 1_700_000_000 })
    expect(first).toEqual([0.25, 'o', 'hello\r\n'])
    expect(second).toEqual([0.25, 'r', '100x30'])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('reads as lines with the moment at which each was complete', async () => {
    const recording = record()
    recording.output('one\r\ntw')
    now += 1500
    recording.output('o\r\n')
    await recording.close()
    expect(await readRecording(file, 10)).toEqual([
      { at: 1_700_000_000_250, text: 'one' },
      { at: 1_700_000_001_750, text: 'two' },
    ])
  })

  it('gives the last lines only', async () => {
    const recording = record()
    for (let index = 0; index < 5000; index++) recording.output(`line ${index}\n`)
    await recording.close()
    expect((await readRecording(file, 2)).map((line) => line.text)).toEqual(['line 4998', 'line 4999'])
  })

  it('reads a line that was rewritten a hundred thousand times as its last version', async () => {
    const recording = record()
    recording.output('begin\nto')
    for (let index = 0; index < 100_000; index++) {
      recording.output(`\r${index} of 100000`)
      if (index % 10_000 === 0) await recording.flush()
    }
    await recording.close()
    expect((await readRecording(file, 10)).map((line) => line.text)).toEqual(['begin', '99999 of 100000'])
  })

  it('keeps two files of bounded size, and reads across them', async () => {
    const recording = record(2000)
    for (let index = 0; index < 500; index++) {
      recording.output(`line ${index}\n`)
      await recording.flush()
    }
    await recording.close()
    expect((await stat(`${file}.1`)).size).toBeLessThan(2200)
    const lines = (await readRecording(file, 1000)).map((line) => line.text)
    expect(lines.at(-1)).toBe('line 499')
    expect(lines.length).toBeGreaterThan(50)
    expect(lines.length).toBeLessThan(500)
  })

  it('puts an earlier recording aside instead of writing into it', async () => {
    const before = record()
    before.output('before\n')
    await before.close()
    const after = record()
    after.output('after\n')
    await after.close()
    expect((await readRecording(file, 10)).map((line) => line.text)).toEqual(['before', 'after'])
  })

  it('survives a last row that was cut short', async () => {
    const recording = record()
    recording.output('whole\n')
    await recording.close()
    await writeFile(file, `${await readFile(file, 'utf8')}[1.5,"o","cut`)
    expect((await readRecording(file, 10)).map((line) => line.text)).toEqual(['whole'])
  })

  it('gives up once, with a word, when it cannot be written', async () => {
    await writeFile(join(folder, 'terminals'), 'a file where a folder should be')
    const recording = record()
    recording.output('lost\n')
    await recording.flush()
    recording.output('lost too\n')
    await recording.flush()
    expect(failures).toHaveLength(1)
    expect(recording.pendingBytes).toBe(0)
  })

  it('can be deleted, whether it is there or not', async () => {
    await deleteRecording(file)
    const recording = record()
    recording.output('x')
    await recording.close()
    await deleteRecording(file)
    expect(await readRecording(file, 10)).toEqual([])
  })
})
