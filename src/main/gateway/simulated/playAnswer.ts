import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock } from '../../ports.ts'
import type { UpstreamFlow, UpstreamListener } from '../upstream.ts'
import type { Answer } from './answer.ts'

export interface Playing {
  readonly clock: Clock
  /** How long the answer takes: a stream begins after half of it. */
  readonly delayMs: Millis
  readonly isStreamed: boolean
  readonly onOver: () => void
}

/** Sends an answer on as a connection would: later, in pieces, and not while it is held. */
export function playAnswer(
  making: Promise<Answer>,
  listener: UpstreamListener,
  { clock, delayMs, isStreamed, onOver }: Playing,
): UpstreamFlow {
  let isOver = false
  let isPaused = false
  let held: (() => void) | null = null
  let cancelNext = (): void => undefined

  function later(delay: Millis, action: () => void): void {
    const due = (): void => whenFlowing(action)
    if (delay > 0) {
      const timer = clock.after(delay, due)
      cancelNext = () => timer.cancel()
    } else {
      const immediate = setImmediate(due)
      cancelNext = () => clearImmediate(immediate)
    }
  }

  function whenFlowing(action: () => void): void {
    if (isOver) return
    if (isPaused) held = action
    else action()
  }

  function over(): void {
    if (isOver) return
    isOver = true
    held = null
    cancelNext()
    onOver()
  }

  function begin(answer: Answer): void {
    const startedAt = clock.now()
    const chunks = answer.chunks[Symbol.iterator]()
    const rest = isStreamed ? delayMs - firstDelay : 0
    /** Between two pieces. A clock that was set back must not hold them up. */
    const longest = answer.pauses > 0 ? Math.ceil((2 * rest) / answer.pauses) : 0
    let sent = 0

    function next(): void {
      const chunk = chunks.next()
      if (chunk.done) {
        over()
        if (answer.isCut)
          listener.problem({ kind: 'cut', wasSent: true, message: 'The connection to the provider broke off in the middle of its answer.' })
        else listener.end()
        return
      }
      listener.data(chunk.value)
      sent++
      if (isOver) return
      const dueAt = answer.pauses > 0 ? startedAt + Math.round((rest * Math.min(sent, answer.pauses)) / answer.pauses) : 0
      later(Math.min(longest, dueAt - clock.now()), next)
    }

    listener.head(answer.status, answer.headers)
    if (!isOver) whenFlowing(next)
  }

  const firstDelay = isStreamed ? Math.round(delayMs / 2) : delayMs
  later(firstDelay, () => void making.then((answer) => whenFlowing(() => begin(answer))))

  return {
    pause() {
      isPaused = true
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      const action = held
      held = null
      // Not from inside the caller's own turn.
      if (action && !isOver) later(0, action)
    },
    abort: over,
  }
}

/** No answer at all: after this much silence the connection is given up. */
export function playSilence(listener: UpstreamListener, clock: Clock, idleMs: Millis, onOver: () => void): UpstreamFlow {
  const message = `The provider sent nothing for ${idleMs / 1_000} seconds.`
  const timer = clock.after(idleMs, () => {
    onOver()
    listener.problem({ kind: 'time-out', wasSent: true, message })
  })
  return {
    pause: () => undefined,
    resume: () => undefined,
    abort() {
      timer.cancel()
      onOver()
    },
  }
}
