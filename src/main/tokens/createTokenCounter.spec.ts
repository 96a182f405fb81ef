import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTokenCounter, findWorker } from './createTokenCounter.ts'
import type { TokenCounter } from './tokenCounter.ts'

const prose = 'Every call is seen, priced and held to its budget. Jede Äußerung zählt; 数える。\n'

describe('a token counter', () => {
  let counter: TokenCounter
  beforeAll(() => {
    counter = createTokenCounter()
  })
  afterAll(() => counter.close())

  it('counts with the encoding of the model', async () => {
    expect(await counter.count('openai', 'gpt-4', [prose])).toBe(countCl100k(prose))
    expect(await counter.count('openai', 'gpt-4o', [prose])).toBe(countO200k(prose))
    expect(countCl100k(prose)).not.toBe(countO200k(prose))
  })

  it('counts an unknown model of OpenAI’s with its newest encoding', async () => {
    expect(await counter.count('openai', 'llama-4', [prose])).toBe(countO200k(prose))
  })

  it('counts each text by itself, and nothing as nothing', async () => {
    expect(await counter.count('openai', 'gpt-4o', ['one', '', 'two'])).toBe(countO200k('one') + countO200k('two'))
    expect(await counter.count('openai', 'gpt-4o', [])).toBe(0)
  })

  it('takes what looks like a special token for text', async () => {
    expect(await counter.count('openai', 'gpt-4o', ['<|endoftext|>'])).toBeGreaterThan(1)
  })

  it('counts Anthropic’s by four characters', async () => {
    expect(await counter.count('anthropic', 'claude-sonnet-5', ['abcde'])).toBe(2)
  })

  it('keeps the answers of many askers apart', async () => {
    const counts = await Promise.all(
      Array.from({ length: 50 }, (_, index) => counter.count('openai', index % 2 ? 'gpt-4' : 'gpt-4o', ['word '.repeat(index)])),
    )
    expect(counts).toEqual(Array.from({ length: 50 }, (_, index) => (index % 2 ? countCl100k : countO200k)('word '.repeat(index))))
  })

  // Each of them keeps a plain tokeniser busy for seconds or minutes; the time-out of the test is the measure here.
  it.each([
    ['16,000 spaces', ' '.repeat(16_000)],
    ['8,000 emoji', '😀'.repeat(8_000)],
    ['8,000 families', '👨‍👩‍👧‍👦'.repeat(8_000)],
    ['a million letters', 'a'.repeat(1_000_000)],
    ['a megabyte of prose', prose.repeat(12_000)],
  ])('survives %s', async (_what, text) => {
    const tokens = await counter.count('openai', 'gpt-4o', [text])
    expect(tokens).toBeGreaterThan(0)
    expect(tokens).toBeLessThanOrEqual(Buffer.byteLength(text))
  })

  it('bounds what is longer than any context by its characters', async () => {
    const endless = 'word '.repeat(1_700_000)
    expect(await counter.count('openai', 'gpt-4o', [endless])).toBeGreaterThanOrEqual(1_700_000)
  })
})

describe('a token counter’s thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'token-worker-'))
  const counters: TokenCounter[] = []
  let workers = 0
  afterEach(async () => {
    for (const counter of counters.splice(0)) await counter.close()
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function counterWith(script: string, problems: unknown[]): TokenCounter {
    const workerFile = join(folder, `worker${++workers}.mjs`)
    writeFileSync(workerFile, `import { parentPort } from 'node:worker_threads'\n${script}`)
    const counter = createTokenCounter({ workerFile, onProblem: (problem) => problems.push(problem) })
    counters.push(counter)
    return counter
  }

  it('that dies leaves nobody waiting, and is started again', async () => {
    const problems: unknown[] = []
    const counter = counterWith(
      `parentPort.on('message', ({ id, texts }) => {
        if (texts[0] === 'die') process.exit(3)
        parentPort.postMessage({ id, tokens: 42 })
      })`,
      problems,
    )
    expect(await counter.count('openai', 'gpt-4o', ['x'])).toBe(42)
    // Bounded by its characters.
    expect(await counter.count('openai', 'gpt-4o', ['die'])).toBe(2)
    expect(problems).toEqual([expect.objectContaining({ message: expect.stringContaining('code 3') })])
    expect(await counter.count('openai', 'gpt-4o', ['x'])).toBe(42)
  })

  it('that cannot even start bounds every count', async () => {
    const problems: unknown[] = []
    const counter = counterWith(`throw new Error('no')`, problems)
    expect(await counter.count('openai', 'gpt-4o', ['abcd'])).toBe(2)
    expect(problems).toHaveLength(1)
  })

  it('that says it cannot count bounds that count', async () => {
    const problems: unknown[] = []
    const counter = counterWith(`parentPort.on('message', ({ id }) => parentPort.postMessage({ id, problem: 'out of order' }))`, problems)
    expect(await counter.count('openai', 'gpt-4o', ['abcd'])).toBe(2)
    expect(problems).toEqual([expect.objectContaining({ message: 'out of order' })])
  })

  it('is ended when it is closed, without a complaint, and a count still answers', async () => {
    const problems: unknown[] = []
    const counter = counterWith(`parentPort.on('message', () => {})`, problems)
    const waiting = counter.count('openai', 'gpt-4o', ['abcd'])
    await counter.close()
    expect(await waiting).toBe(2)
    expect(await counter.count('openai', 'gpt-4o', ['abcd'])).toBe(2)
    expect(problems).toEqual([])
  })

  it('is found beside an entry of the bundle, and above a chunk of it', () => {
    writeFileSync(join(folder, 'tokenWorker.js'), '')
    expect(findWorker(join(folder, 'headless.js'))).toBe(join(folder, 'tokenWorker.js'))
    expect(findWorker(join(folder, 'chunks', 'compose-abc.js'))).toBe(join(folder, 'tokenWorker.js'))
    expect(() => findWorker(join(folder, 'a', 'b', 'c.js'))).toThrow('tokenWorker.js is missing')
  })
})
