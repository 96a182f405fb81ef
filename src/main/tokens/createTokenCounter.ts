import { Worker } from 'node:worker_threads'
import { ownProgram } from '../ownProgram.ts'
import { tokensAtMost, tokensByCharacters } from './characters.ts'
import { encodingOf, USUAL_ENCODING, type Encoding } from './encodings.ts'
import type { TokenCounter } from './tokenCounter.ts'
import type { CountAnswer, CountRequest } from './tokenWorker.ts'

/** What is counted exactly of one call; text beyond it is bounded by its characters. No model's context holds as much. */
const MOST_CHARACTERS = 8_000_000

interface Pending {
  readonly texts: readonly string[]
  readonly answer: (tokens: number) => void
}

export interface TokenCounterOptions {
  readonly workerFile?: string
  /** A worker that ended by itself; the next count starts another. */
  readonly onProblem?: (problem: unknown) => void
}

/**
 * Counts with OpenAI's own encodings in a thread of its own, started by the first count: loading them alone takes 100 ms. What no published
 * tokeniser counts (Anthropic's models) is characters by four. A count never fails: without the thread it is bounded by its characters.
 */
export function createTokenCounter({ workerFile = findWorker(), onProblem }: TokenCounterOptions = {}): TokenCounter {
  const pending = new Map<number, Pending>()
  let worker: Worker | null = null
  let lastId = 0
  let isClosed = false

  const lose = (lost: Worker, problem: unknown): void => {
    if (worker !== lost) return
    worker = null
    if (!isClosed) onProblem?.(problem)
    for (const [id, { texts, answer }] of pending) {
      pending.delete(id)
      answer(tokensAtMost(texts))
    }
  }

  const start = (): Worker => {
    const started = new Worker(workerFile)
    started.on('message', (message: CountAnswer) => {
      const waiting = pending.get(message.id)
      if (!waiting) return
      pending.delete(message.id)
      if (pending.size === 0) started.unref()
      if ('problem' in message) onProblem?.(new Error(message.problem))
      waiting.answer('tokens' in message ? message.tokens : tokensAtMost(waiting.texts))
    })
    started.on('error', (problem) => lose(started, problem))
    started.on('exit', (code) => lose(started, new Error(`The token counter's thread ended with code ${code}.`)))
    return started
  }

  const ask = (encoding: Encoding, texts: readonly string[]): Promise<number> =>
    new Promise((answer) => {
      if (isClosed) return answer(tokensAtMost(texts))
      const id = ++lastId
      pending.set(id, { texts, answer })
      worker ??= start()
      // Nobody leaves while a count is awaited; an idle thread keeps nobody.
      worker.ref()
      worker.postMessage({ id, encoding, texts } satisfies CountRequest)
    })

  return {
    async count(provider, model, texts) {
      if (provider === 'anthropic') return tokensByCharacters(texts)
      const [counted, beyond] = split(texts)
      const tokens = counted.length === 0 ? 0 : await ask(encodingOf(model) ?? USUAL_ENCODING, counted)
      return tokens + tokensAtMost(beyond)
    },
    async close() {
      isClosed = true
      await worker?.terminate()
    },
  }
}

function split(texts: readonly string[]): [string[], string[]] {
  const counted: string[] = []
  const beyond: string[] = []
  let left = MOST_CHARACTERS
  for (const text of texts) {
    if (text.length <= left) counted.push(text)
    else {
      if (left > 0) counted.push(text.slice(0, left))
      beyond.push(text.slice(left))
    }
    left = Math.max(0, left - text.length)
  }
  return [counted, beyond]
}

export function findWorker(here: string = import.meta.filename): string {
  return ownProgram('tokenWorker', here)
}
