import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../ports.ts'
import { LOG_FILE, listRotated, rotatedName } from './logFiles.ts'

export interface RotatingFile {
  /** Kept in memory until the end of this turn, then written at once. */
  write(line: string): void
  flush(): void
  close(): void
}

export interface RotatingFileOptions {
  readonly folder: string
  readonly clock: Clock
  readonly largestBytes: number
  readonly keptMs: number
  readonly mostFiles: number
  /** Told once when writing begins to fail, and again only after it worked in between. */
  readonly onFailure: (problem: unknown) => void
  /** Told when writing works again, with the number of lines that were lost. */
  readonly onRecovery: (lost: number) => void
}

const DAY_MS = 24 * 60 * 60 * 1000
const SWEEP_MS = 60 * 60 * 1000
/** What waits in memory while the disk takes nothing; beyond it lines are lost, not the process. */
const MOST_WAITING_BYTES = 1024 * 1024

export function createRotatingFile(options: RotatingFileOptions): RotatingFile {
  const { folder, clock, onFailure, onRecovery } = options
  const path = join(folder, LOG_FILE)
  let file: { descriptor: number; bytes: number; bornAt: number } | null = null
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let lost = 0
  let isFailing = false
  let isClosed = false
  let turn: NodeJS.Immediate | null = null

  function open(): NonNullable<typeof file> {
    // Deleted from under us: what we wrote would go nowhere.
    if (file && fstatSync(file.descriptor).nlink === 0) shut()
    if (!file) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const descriptor = openSync(path, 'a+', 0o600)
      file = { descriptor, bytes: fstatSync(descriptor).size, bornAt: firstMoment(descriptor) ?? clock.now() }
    }
    return file
  }

  function shut(): void {
    const closing = file
    file = null
    if (closing) closeSync(closing.descriptor)
  }

  function abandon(): void {
    try {
      shut()
    } catch {
      // It was broken anyway.
    }
  }

  /** By size, and by day so that no line outlives its time in a quiet room. */
  function rotateIfDue(coming: number, { bytes, bornAt } = open()): void {
    if (bytes === 0 || (bytes + coming <= options.largestBytes && clock.now() - bornAt < DAY_MS)) return
    shut()
    let attempt = 0
    while (existsSync(join(folder, rotatedName(clock.now(), attempt)))) attempt++
    renameSync(path, join(folder, rotatedName(clock.now(), attempt)))
    forgetOld()
  }

  function forgetOld(): void {
    const rotated = listRotated(folder)
    const tooMany = rotated.length - options.mostFiles
    rotated.forEach(({ path: old, at }, index) => {
      if (index < tooMany || clock.now() - at > options.keptMs) rmSync(old, { force: true })
    })
  }

  function writeWaiting(): void {
    while (waiting.length > 0) {
      // Looked at once for each write: that it is still there costs a call of the system.
      const before = open()
      const chunk = takeChunk(before.bytes)
      rotateIfDue(chunk.length, before)
      const current = file ?? open()
      const written = writeSync(current.descriptor, chunk)
      current.bytes += written
      drop(written)
    }
  }

  /** As many whole lines as fit below the size limit, and one at least. */
  function takeChunk(taken: number): Buffer {
    const room = Math.max(0, options.largestBytes - taken)
    const lines: Buffer[] = []
    let bytes = 0
    for (const line of waiting) {
      if (lines.length > 0 && bytes + line.length > room) break
      lines.push(line)
      bytes += line.length
    }
    return lines.length === 1 ? (lines[0] as Buffer) : Buffer.concat(lines, bytes)
  }

  /** A full disk may take half a line; its rest comes first when there is room again. */
  function drop(bytes: number): void {
    waitingBytes -= bytes
    let left = bytes
    let whole = 0
    while (left > 0 && left >= (waiting[whole] as Buffer).length) left -= (waiting[whole++] as Buffer).length
    waiting = waiting.slice(whole)
    if (left > 0) waiting[0] = (waiting[0] as Buffer).subarray(left)
  }

  function attempt(action: () => void): void {
    try {
      action()
    } catch (problem) {
      // The next attempt opens the file anew: its folder may be back, or another file stand in its place.
      abandon()
      if (!isFailing) {
        isFailing = true
        onFailure(problem)
      }
      return
    }
    if (isFailing) {
      isFailing = false
      const count = lost
      lost = 0
      onRecovery(count)
    }
  }

  function flush(): void {
    turn = null
    if (waiting.length > 0) attempt(writeWaiting)
  }

  function sweep(): void {
    attempt(() => {
      rotateIfDue(0)
      forgetOld()
    })
    timer = clock.after(SWEEP_MS, sweep)
  }

  let timer = clock.after(SWEEP_MS, sweep)
  attempt(() => {
    open()
    forgetOld()
  })
  process.on('exit', flush)

  return {
    write(line) {
      if (isClosed) return
      const bytes = Buffer.from(line)
      if (waitingBytes + bytes.length > MOST_WAITING_BYTES) flush()
      // A long line is no reason to lose it where nothing else waits.
      if (waitingBytes > 0 && waitingBytes + bytes.length > MOST_WAITING_BYTES) {
        lost++
        return
      }
      waiting.push(bytes)
      waitingBytes += bytes.length
      turn ??= setImmediate(flush)
    },
    flush,
    close() {
      if (isClosed) return
      isClosed = true
      timer.cancel()
      if (turn) clearImmediate(turn)
      flush()
      process.off('exit', flush)
      abandon()
    },
  }
}

/** The moment of the first line in a file that an earlier run began. */
function firstMoment(descriptor: number): number | null {
  const head = Buffer.alloc(4096)
  const read = readSync(descriptor, head, 0, head.length, 0)
  const match = /"ts":"([^"]+)"/.exec(head.toString('utf8', 0, read))
  const at = match?.[1] === undefined ? NaN : Date.parse(match[1])
  return Number.isNaN(at) ? null : at
}
