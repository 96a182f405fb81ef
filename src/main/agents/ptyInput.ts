import { write as writeToFile } from 'node:fs'
import type { Clock, Timer } from '../ports.ts'

/** What is typed into a terminal, in its order. */
export interface PtyInput {
  /** Resolves when so little waits that more may come, and when nothing is taken any more. */
  write(data: string): Promise<void>
  /** The terminal or its process is gone, and its number may be another file's by now. What was not taken is forgotten. */
  close(): void
}

export interface PtyInputOptions {
  /** Of the terminal; it does not block. */
  readonly fd: number
  readonly clock: Clock
  readonly write?: (fd: number, bytes: Buffer, done: (problem: NodeJS.ErrnoException | null, written: number) => void) => void
}

const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 50
/** Whoever brings more brings it slower: a file of any size passes through, and never lies here whole. */
const MOST_WAITING_BYTES = 1_000_000

/** A process that reads slowly is waited for. node-pty by itself tries again as fast as it can: a file for a patient agent would cost a core for as long as that works. */
export function createPtyInput({ fd, clock, write = writeToFile }: PtyInputOptions): PtyInput {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  const relieved: (() => void)[] = []
  let isWriting = false
  let isClosed = false
  let pauseMs = FIRST_PAUSE_MS
  let timer: Timer | null = null

  function next(): void {
    const [first] = waiting
    isWriting = first !== undefined
    if (first === undefined) return
    write(fd, first, (problem, written) => {
      if (isClosed) return
      if (problem?.code === 'EAGAIN') {
        timer = clock.after(pauseMs, next)
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
        return
      }
      // Nobody is at the other end any more, which is told by the end of its process.
      if (problem) return close()
      pauseMs = FIRST_PAUSE_MS
      shrink(written)
      if (written < first.length) waiting[0] = first.subarray(written)
      else waiting.shift()
      next()
    })
  }

  function shrink(bytes: number): void {
    waitingBytes -= bytes
    if (waitingBytes > MOST_WAITING_BYTES) return
    for (const goOn of relieved.splice(0)) goOn()
  }

  function close(): void {
    isClosed = true
    waiting = []
    shrink(waitingBytes)
    timer?.cancel()
  }

  return {
    async write(data) {
      if (isClosed || data === '') return
      const bytes = Buffer.from(data, 'utf8')
      waiting.push(bytes)
      waitingBytes += bytes.length
      if (!isWriting) next()
      if (waitingBytes > MOST_WAITING_BYTES) await new Promise<void>((resolve) => relieved.push(resolve))
    },
    close,
  }
}
