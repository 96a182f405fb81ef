import type { Clock } from '../ports.ts'

/** What asks this process to end; `room.stop` is somebody's command to the room that we are. */
export type Interruption = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE' | 'room.stop'

/** Every way in which somebody asks us to end: signals, Ctrl-C in raw mode, the reader of our output gone. */
export interface Interruptions {
  /** The first one, or null. */
  readonly first: Interruption | null
  raise(interruption: Interruption): void
  /** Called with each; at once when there has been one already. */
  listen(listener: (interruption: Interruption, isFirst: boolean) => void): void
  close(): void
}

const CAUGHT = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal tells everybody in the foreground, and npm then passes on what we have been told already. */
const ECHO_MS = 300

export function catchInterruptions(source: Pick<NodeJS.Process, 'on' | 'off'>, clock: Clock): Interruptions {
  const listeners = new Set<(interruption: Interruption, isFirst: boolean) => void>()
  let first: Interruption | null = null
  let last: { signal: NodeJS.Signals; at: number } | null = null

  function raise(interruption: Interruption): void {
    const isFirst = first === null
    first ??= interruption
    for (const listener of listeners) listener(interruption, isFirst)
  }

  function caught(signal: NodeJS.Signals): void {
    const now = clock.now()
    const isEcho = last?.signal === signal && now >= last.at && now - last.at < ECHO_MS
    last = { signal, at: now }
    if (!isEcho) raise(signal as Interruption)
  }
  for (const signal of CAUGHT) source.on(signal, caught)

  return {
    get first() {
      return first
    },
    raise,
    listen(listener) {
      listeners.add(listener)
      if (first !== null) listener(first, true)
    },
    close() {
      for (const signal of CAUGHT) source.off(signal, caught)
    },
  }
}
