import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ask } from '../src/main/api/testHttp.ts'
import type { HostAnswer, HostOrder, HostReading } from './host.ts'

/** The room of a soak, across its deaths: whoever asks while there is none gets null. */
export interface SoakRoom {
  readonly lives: number
  readonly isOpen: boolean
  /** How it has left each time, as an exit code or a signal. */
  readonly ends: readonly (number | string)[]
  /** How often it left before it was open. */
  readonly failedOpenings: number
  /** Opens it; false where it could not. */
  open(): Promise<boolean>
  /** The answer's JSON, or its text; null where the room did not answer, or refused. */
  ask(method: string, path: string, body?: object, patienceMs?: number): Promise<unknown>
  order(order: HostOrder): void
  read(): Promise<HostReading | null>
  /** Resolves when it is gone. */
  end(how: 'kill' | 'stop'): Promise<void>
  /** Resolves when the one that is open is gone. */
  readonly gone: Promise<unknown>
}

export interface SoakRoomOptions {
  readonly dataFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What it said on standard error. */
  readonly onComplaint: (text: string) => void
}

const ANSWER_MS = 15_000

export function createSoakRoom({ dataFolder, environment, onComplaint }: SoakRoomOptions): SoakRoom {
  let child: ChildProcess | null = null
  let door: { readonly port: number; readonly token: string } | null = null
  let gone: Promise<unknown> = Promise.resolve()
  let lives = 0
  let failedOpenings = 0
  const ends: (number | string)[] = []

  async function open(): Promise<boolean> {
    const host = fork(join(import.meta.dirname, 'host.ts'), [dataFolder], { env: environment, execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    child = host
    host.stderr?.setEncoding('utf8').on('data', onComplaint)
    gone = once(host, 'exit').then(([code, signal]) => {
      ends.push((code as number | null) ?? String(signal))
      if (child === host) {
        child = null
        door = null
      }
    })
    const opened = await Promise.race([answerOf(host, 'opened'), gone.then(() => null)])
    if (opened === null) {
      failedOpenings++
      return false
    }
    door = opened
    lives++
    return true
  }

  return {
    open,
    get lives() {
      return lives
    },
    get isOpen() {
      return door !== null
    },
    get gone() {
      return gone
    },
    ends,
    get failedOpenings() {
      return failedOpenings
    },
    async ask(method, path, body, patienceMs = ANSWER_MS) {
      if (door === null) return null
      const { port, token } = door
      // Each on a connection of its own: those that a client keeps would count as the room's.
      const answering = ask(port, path, { method, headers: { authorization: `Bearer ${token}` }, body })
      const impatience = pause(patienceMs, null, { ref: false })
      // It died meanwhile, or is busy dying.
      const answer = await Promise.race([answering.catch(() => null), impatience])
      if (answer?.status !== 200) return null
      return answer.headers['content-type']?.includes('json') ? (JSON.parse(answer.text) as unknown) : answer.text
    },
    order: (order) => void child?.send(order, () => undefined),
    async read() {
      const host = child
      if (!host || door === null) return null
      const answer = answerOf(host, 'holds')
      host.send({ kind: 'read' } satisfies HostOrder, () => undefined)
      return Promise.race([answer, gone.then(() => null)])
    },
    async end(how) {
      if (how === 'kill') child?.kill('SIGKILL')
      else child?.send({ kind: 'stop' } satisfies HostOrder, () => undefined)
      await gone
    },
  }
}

function answerOf<K extends HostAnswer['kind']>(host: ChildProcess, kind: K): Promise<Extract<HostAnswer, { kind: K }>> {
  return new Promise((resolve) => {
    const hear = (answer: HostAnswer): void => {
      if (answer.kind !== kind) return
      host.off('message', hear)
      resolve(answer as Extract<HostAnswer, { kind: K }>)
    }
    host.on('message', hear)
  })
}
