import type { StreamItem } from '../../shared/contract/contract.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'
import type { Sink, Subscription } from '../router/router.ts'
import type { FilteredOutput, TerminalFilter } from '../safety/terminal/terminalFilter.ts'
import { createOutputRing, type OutputRing } from './outputRing.ts'
import type { PtyProcess } from './pty.ts'
import type { Recording } from './recording.ts'
import type { TerminalSize } from './terminalSize.ts'

/** An agent's terminal. It outlives the agent's processes: a restarted agent writes on. */
export interface Terminal {
  /** Connects a new process. */
  attach(process: PtyProcess): void
  /** The process has ended; what was held back comes out. */
  detach(): void
  /** Resolves when more may come. */
  write(data: string): Promise<void>
  resize(size: TerminalSize): void
  readonly size: TerminalSize
  follow(from: number, sink: Sink<StreamItem<'terminal.output'>>): Subscription
  readonly ring: OutputRing
  close(): void
}

export interface TerminalOptions {
  readonly clock: Clock
  readonly recording: Recording
  /** Stands between the process and everything that shows or keeps what it writes. */
  readonly createFilter: (output: (piece: FilteredOutput) => void) => TerminalFilter
  readonly size: TerminalSize
}

/** 10,000 lines of some 200 characters. */
const RING_CHARACTERS = 2_000_000
const CHUNK_CHARACTERS = 32_000
/** A process pauses when its fastest viewer is this far behind, and goes on below the low mark. */
const HIGH_MARK = 100_000
const LOW_MARK = 5_000
/** What the disk may lag behind before the process pauses. */
const RECORDING_MARK = 4_000_000
/** A viewer that deals with nothing for so long no longer holds the agent up; it finds a gap when it comes back. */
const PATIENCE_MS: Millis = 3_000
const PAUSE_CHECK_MS: Millis = 50
/** What comes thick and fast is gathered for so long: a pseudo-terminal is read 4 KB at a time, and each message costs a page the same. */
const GATHER_MS: Millis = 8

interface Viewer {
  readonly sink: Sink<StreamItem<'terminal.output'>>
  sent: number
  acknowledged: number
  /** When it last dealt with something, or had nothing to deal with. */
  lastSignAt: Millis
}

export function createTerminal({ clock, recording, createFilter, size: firstSize }: TerminalOptions): Terminal {
  const ring = createOutputRing(RING_CHARACTERS)
  const filter = createFilter(accept)
  const viewers = new Set<Viewer>()
  let process: PtyProcess | null = null
  let size = firstSize
  let isPaused = false
  let isServing = false
  let pauseCheck: Timer | null = null
  let gathering: Timer | null = null
  let gathered = 0
  let servedAt: Millis = -Infinity

  function accept({ shown, kept }: FilteredOutput): void {
    if (kept !== '') recording.output(kept)
    if (shown === '') return
    ring.append(shown)
    gathered += shown.length
    if (gathered >= CHUNK_CHARACTERS || clock.now() - servedAt >= GATHER_MS) serveSoon()
    else gathering ??= clock.after(GATHER_MS, serveSoon)
  }

  /** Many small writes in one turn become one message. */
  function serveSoon(): void {
    if (isServing) return
    isServing = true
    setImmediate(() => {
      isServing = false
      serveAll()
    })
  }

  function serveAll(): void {
    gathering?.cancel()
    gathering = null
    gathered = 0
    servedAt = clock.now()
    for (const viewer of viewers) serve(viewer)
    regulate()
  }

  function serve(viewer: Viewer): void {
    if (viewer.sent < ring.start) {
      // What it has not acknowledged is lost with the rest: it begins anew.
      viewer.sent = viewer.acknowledged = ring.start
      viewer.sink.push({ kind: 'gap', offset: ring.start })
    }
    while (viewer.sent < ring.end && viewer.sent - viewer.acknowledged < HIGH_MARK) {
      const data = ring.read(viewer.sent, CHUNK_CHARACTERS)
      if (viewer.sent === viewer.acknowledged) viewer.lastSignAt = clock.now()
      viewer.sink.push({ kind: 'data', offset: viewer.sent, data })
      viewer.sent += data.length
    }
  }

  /** The agent runs at the pace of its fastest attentive viewer, and of the disk. */
  function regulate(): void {
    if (!process) return
    // A sign from a time to come is from before the clock was set back.
    const isAttentive = (viewer: Viewer): boolean => Math.abs(clock.now() - viewer.lastSignAt) < PATIENCE_MS
    const lags = [...viewers].filter(isAttentive).map((viewer) => ring.end - viewer.acknowledged)
    const lag = lags.length > 0 ? Math.min(...lags) : 0
    if (!isPaused && (lag > HIGH_MARK || recording.pendingBytes > RECORDING_MARK)) pause()
    else if (isPaused && lag < LOW_MARK && recording.pendingBytes < RECORDING_MARK / 2) resume()
  }

  function pause(): void {
    isPaused = true
    process?.pause()
    watchPause()
  }

  /**
   * node-pty closes the terminal 200 ms after its process ended, read or unread: a pause must notice the end before that.
   * The same look notices viewers that have fallen silent and a disk that has caught up.
   */
  function watchPause(): void {
    pauseCheck = clock.after(PAUSE_CHECK_MS, () => {
      if (!isPaused) return
      if (process && !process.isAlive()) resume()
      else regulate()
      if (isPaused) watchPause()
    })
  }

  function resume(): void {
    isPaused = false
    pauseCheck?.cancel()
    pauseCheck = null
    process?.resume()
  }

  return {
    ring,
    get size() {
      return size
    },
    attach(next) {
      process = next
      isPaused = false
      next.onData((data) => filter.push(data))
    },
    detach() {
      if (isPaused) resume()
      process = null
      filter.flush()
      serveSoon()
    },
    async write(data) {
      await process?.write(data)
    },
    resize(next) {
      if (next.columns === size.columns && next.rows === size.rows) return
      // What was drawn for the old size is shown in it.
      serveAll()
      size = next
      process?.resize(next)
      recording.resized(next)
      for (const viewer of viewers) viewer.sink.push({ kind: 'size', ...next })
    },
    follow(from, sink) {
      const begin = Math.min(from, ring.end)
      const viewer: Viewer = { sink, sent: begin, acknowledged: begin, lastSignAt: clock.now() }
      viewers.add(viewer)
      sink.push({ kind: 'size', ...size })
      serveSoon()
      return {
        close() {
          viewers.delete(viewer)
          regulate()
        },
        acknowledge(count) {
          viewer.acknowledged = Math.min(viewer.acknowledged + count, viewer.sent)
          viewer.lastSignAt = clock.now()
          serve(viewer)
          regulate()
        },
      }
    },
    close() {
      serveAll()
      if (isPaused) resume()
      for (const viewer of viewers) viewer.sink.end()
      viewers.clear()
    },
  }
}
