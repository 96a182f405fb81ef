import type { Caller } from '../../shared/domain/roles.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { Clock, Random, Timer } from '../ports.ts'
import type { InstanceLine } from '../state/redis/instanceLine.ts'
import type { InstanceId } from '../state/repositories.ts'
import { openMessage, sealMessage, type Message } from './messages.ts'

/** Asks another instance what is asked of it here, with the rights of whoever asks. */
export interface AskInstances {
  ask(instance: InstanceId, question: Question, patienceMs?: Millis): Promise<JsonValue>
  /** Who still waits is refused. */
  close(): Promise<void>
}

export interface Question {
  readonly name: string
  readonly input: unknown
  readonly caller: Caller
}

export interface AskInstancesOptions {
  readonly own: InstanceId
  readonly clock: Clock
  readonly random: Random
  /** Null where there is no master key: then nobody could tell who speaks. */
  readonly key: () => Buffer | null
  readonly openLine: (hear: (message: string) => void) => Promise<InstanceLine>
  /** What others ask of this one. */
  readonly request: (name: string, input: unknown, caller: Caller) => Promise<JsonValue>
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** Ending an agent takes its grace period. */
const PATIENCE_MS = 60_000
/** Clocks of two machines differ; what is older is somebody's repetition. */
const YOUNG_MS = 120_000

interface Open {
  readonly settle: (answer: Exclude<Message, { kind: 'ask' }>) => void
  readonly giveUp: () => void
  readonly timer: Timer
}

export async function createAskInstances(options: AskInstancesOptions): Promise<AskInstances> {
  const { own, clock, random, key, request, onDefect } = options
  const open = new Map<string, Open>()
  const heard = new Map<string, Millis>()
  const line = await options.openLine((text) => void hear(text).catch((problem: unknown) => onDefect(problem, 'a message of another instance')))

  async function hear(text: string): Promise<void> {
    const secret = key()
    const message = secret && openMessage(secret, own, text)
    if (!message) return
    if (message.kind === 'ask') await answer(message)
    else open.get(message.id)?.settle(message)
  }

  async function answer({ id, at, from, name, input, caller }: Extract<Message, { kind: 'ask' }>): Promise<void> {
    const now = clock.now()
    for (const [old, when] of heard) if (now - when > 2 * YOUNG_MS) heard.delete(old)
    if (Math.abs(now - at) > YOUNG_MS || heard.has(id)) return
    heard.set(id, now)
    const said: Message = await request(name, input, caller).then(
      (output) => ({ kind: 'answer' as const, id, at: clock.now(), output }),
      (problem: unknown) => {
        const { code, message, details } = problem instanceof AppError ? problem : new AppError('INTERNAL', 'It went wrong there; its log says more.')
        return { kind: 'refusal' as const, id, at: clock.now(), code, message, ...(details !== undefined && { details }) }
      },
    )
    await send(from, said).catch(() => {
      // Whoever asked will have given up.
    })
  }

  function send(to: InstanceId, message: Message): Promise<boolean> {
    const secret = key()
    if (secret === null) throw new AppError('CONFLICT', `This belongs to the control room ${to}, and without a master key that both share it cannot be asked: do it there.`)
    return line.send(to, sealMessage(secret, to, message))
  }

  return {
    async ask(instance, { name, input, caller }, patienceMs = PATIENCE_MS) {
      const id = random.hex(16)
      const { promise, resolve, reject } = Promise.withResolvers<JsonValue>()
      // Who is told at once that nobody listens does not wait for the answer.
      promise.catch(() => {})
      const end = (): void => {
        open.get(id)?.timer.cancel()
        open.delete(id)
      }
      const giveUp = (): void => {
        end()
        reject(new AppError('UNAVAILABLE', `The control room ${instance} does not answer; whether it has done it is not known.`))
      }
      open.set(id, {
        giveUp,
        settle(message) {
          end()
          if (message.kind === 'answer') resolve(message.output)
          else reject(new AppError(message.code, message.message, message.details))
        },
        timer: clock.after(patienceMs, giveUp),
      })
      try {
        const isHeard = await send(instance, { kind: 'ask', id, at: clock.now(), from: own, name, input: input as JsonValue, caller })
        if (!isHeard) throw new AppError('UNAVAILABLE', `This belongs to the control room ${instance}, which is not there: start it again.`)
      } catch (problem) {
        end()
        throw problem
      }
      return promise
    },
    async close() {
      for (const { giveUp } of [...open.values()]) giveUp()
      await line.close()
    },
  }
}
