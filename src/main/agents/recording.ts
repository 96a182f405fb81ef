import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock } from '../ports.ts'
import { plainLines } from './plainLines.ts'
import type { TerminalSize } from './terminalSize.ts'

/**
 * What a terminal showed, on disk, in the asciicast v2 format that players know. Two files at most: when one is full it becomes
 * the older one.
 */
export interface Recording {
  output(data: string): void
  resized(size: TerminalSize): void
  /** Not yet on disk. */
  readonly pendingBytes: number
  flush(): Promise<void>
  close(): Promise<void>
}

export interface RecordingOptions {
  readonly file: string
  readonly clock: Clock
  readonly size: TerminalSize
  /** Called once; from then on nothing is recorded. */
  readonly onFailure: (problem: unknown) => void
  readonly fileBytes?: number
}

/** For what has no terminal here. */
export const NO_RECORDING: Recording = {
  output: () => undefined,
  resized: () => undefined,
  pendingBytes: 0,
  flush: async () => undefined,
  close: async () => undefined,
}

const FILE_BYTES = 10_000_000

export function createRecording({ file, clock, size: firstSize, onFailure, fileBytes = FILE_BYTES }: RecordingOptions): Recording {
  let size = firstSize
  let pending: { at: Millis; kind: 'o' | 'r'; data: string }[] = []
  let pendingBytes = 0
  let writing: Promise<void> | null = null
  let handle: FileHandle | null = null
  let writtenBytes = 0
  /** The moment that the times in the current file count from, on a whole second as its header has it. */
  let base: Millis = 0
  let hasFailed = false

  async function begin(at: Millis): Promise<FileHandle> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await rename(file, olderFile(file)).catch(ignoreMissing)
    const fresh = await open(file, 'a', 0o600)
    base = Math.floor(at / 1000) * 1000
    writtenBytes = 0
    await fresh.write(`${JSON.stringify({ version: 2, width: size.columns, height: size.rows, timestamp: base / 1000 })}\n`)
    return fresh
  }

  async function drain(): Promise<void> {
    for (let batch = pending; batch.length > 0; batch = pending) {
      pending = []
      const bytes = pendingBytes
      handle ??= await begin(batch[0]?.at ?? clock.now())
      const text = batch.map(({ at, kind, data }) => `${JSON.stringify([(at - base) / 1000, kind, data])}\n`).join('')
      await handle.write(text)
      pendingBytes -= bytes
      writtenBytes += text.length
      if (writtenBytes < fileBytes) continue
      await handle.close()
      handle = null
    }
  }

  function write(kind: 'o' | 'r', data: string): void {
    if (hasFailed) return
    pending.push({ at: clock.now(), kind, data })
    pendingBytes += data.length
    writing ??= drain()
      .catch((problem: unknown) => {
        hasFailed = true
        pending = []
        pendingBytes = 0
        onFailure(problem)
      })
      .finally(() => {
        writing = null
      })
  }

  return {
    get pendingBytes() {
      return pendingBytes
    },
    output: (data) => write('o', data),
    resized(next) {
      size = next
      write('r', `${next.columns}x${next.rows}`)
    },
    async flush() {
      while (writing) await writing
    },
    async close() {
      while (writing) await writing
      await handle?.close()
      handle = null
    },
  }
}

function ignoreMissing(problem: NodeJS.ErrnoException): void {
  if (problem.code !== 'ENOENT') throw problem
}

function olderFile(file: string): string {
  return `${file}.1`
}

export async function deleteRecording(file: string): Promise<void> {
  await Promise.all([rm(file, { force: true }), rm(olderFile(file), { force: true })])
}

/** The last lines of a recording as plain text, each with the moment at which it was complete. */
export async function readRecording(file: string, most: number): Promise<{ at: Millis; text: string }[]> {
  const lines: { at: Millis; text: string }[] = []
  for (const part of [olderFile(file), file]) await readPart(part, lines, most)
  return lines.slice(-most)
}

async function readPart(file: string, lines: { at: Millis; text: string }[], most: number): Promise<void> {
  let base: Millis = 0
  let at: Millis = 0
  let unfinished = ''
  const add = (text: string): void => {
    for (const line of plainLines(text)) lines.push({ at, text: line })
    if (lines.length > most * 2 + 1000) lines.splice(0, lines.length - most)
  }
  try {
    for await (const row of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
      const entry = parseRow(row)
      if (entry === null) continue
      if (!Array.isArray(entry)) {
        base = entry.timestamp * 1000
        continue
      }
      const [seconds, kind, data] = entry
      if (kind !== 'o') continue
      at = base + Math.round(seconds * 1000)
      // Looked for in what is new alone: a line that is rewritten for hours, as by a progress bar, is megabytes long.
      const cut = data.lastIndexOf('\n') + 1
      if (cut > 0) add(unfinished + data.slice(0, cut))
      unfinished = cut > 0 ? data.slice(cut) : unfinished + data
    }
  } catch (problem) {
    ignoreMissing(problem as NodeJS.ErrnoException)
  }
  if (unfinished !== '') add(unfinished)
}

/** A row that a crash cut short is no row. */
function parseRow(row: string): [number, string, string] | { timestamp: number } | null {
  try {
    return JSON.parse(row) as [number, string, string] | { timestamp: number }
  } catch {
    return null
  }
}
