import { parentPort } from 'node:worker_threads'
import { chop } from './chop.ts'
import type { Encoding } from './encodings.ts'

export interface CountRequest {
  readonly id: number
  readonly encoding: Encoding
  readonly texts: readonly string[]
}

export type CountAnswer = { readonly id: number; readonly tokens: number } | { readonly id: number; readonly problem: string }

type Count = (text: string) => number

const LOAD: Readonly<
  Record<Encoding, () => Promise<{ readonly countTokens: (text: string, options: { disallowedSpecial: Set<string> }) => number }>>
> = {
  o200k_base: () => import('gpt-tokenizer/encoding/o200k_base'),
  cl100k_base: () => import('gpt-tokenizer/encoding/cl100k_base'),
  p50k_base: () => import('gpt-tokenizer/encoding/p50k_base'),
  r50k_base: () => import('gpt-tokenizer/encoding/r50k_base'),
}
/** What looks like a special token in a text is text. */
const NONE = { disallowedSpecial: new Set<string>() }
const counters = new Map<Encoding, Promise<Count>>()

async function counterOf(encoding: Encoding): Promise<Count> {
  const { countTokens } = await LOAD[encoding]()
  return (text) => chop(text).reduce((sum, piece) => sum + countTokens(piece, NONE), 0)
}

parentPort?.on('message', async ({ id, encoding, texts }: CountRequest) => {
  try {
    const counter = counters.get(encoding) ?? counterOf(encoding)
    counters.set(encoding, counter)
    const count = await counter
    parentPort?.postMessage({ id, tokens: texts.reduce((sum, text) => sum + count(text), 0) } satisfies CountAnswer)
  } catch (problem) {
    parentPort?.postMessage({ id, problem: String(problem) } satisfies CountAnswer)
  }
})
