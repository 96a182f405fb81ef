import { execFileSync } from 'node:child_process'
import { createTokenCounter } from '../src/main/tokens/createTokenCounter.ts'
import type { TokenCounter } from '../src/main/tokens/tokenCounter.ts'
import { median, pause, rounded } from './measure.ts'

/**
 * Counting tokens in the counter's own thread, beside gpt-tokenizer called directly on the thread of the event loop: until the first
 * count, tokens per second, and for how long nothing else can happen meanwhile.
 */

const STARTS = 9
const ROUNDS = 11
const PROMPT_CHARACTERS = 1_000_000
const GOAL_MS = 20
const BARE_START = 'bare-start'

type CountTokens = (text: string) => number

async function loadBare(): Promise<CountTokens> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  return (text) => countTokens(text)
}

/** Words that no cache has seen: drawn anew for every round, the same ones in every run. */
function createProse(): () => string {
  let state = 20_261_121
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const syllables = ['ra', 'ton', 'mi', 'ver', 'ing', 'lo', 'pas', 'te', 'un', 'gar', 'est', 'qui', 'al', 'dor', 'ne', 'so']
  const word = (): string => Array.from({ length: 1 + below(3) }, () => syllables[below(syllables.length)]).join('')
  return () => {
    const words: string[] = []
    for (let length = 0; length < PROMPT_CHARACTERS;) {
      const next = below(12) === 0 ? `${word()}.` : word()
      words.push(next)
      length += next.length + 1
    }
    return words.join(' ')
  }
}

interface Measured {
  readonly tokens: number
  readonly ms: number
  /** The longest that the event loop did not come round. */
  readonly stallMs: number
}

async function measure(count: () => number | Promise<number>): Promise<Measured> {
  let stallMs = 0
  let last = performance.now()
  // Due every millisecond; a loop that goes round without a pause would take the processor from the thread that counts.
  const looking = setInterval(() => {
    const now = performance.now()
    stallMs = Math.max(stallMs, now - last - 1)
    last = now
  }, 1)
  await pause(5)
  stallMs = 0
  const startedAt = performance.now()
  const tokens = await count()
  const ms = performance.now() - startedAt
  await pause(5)
  clearInterval(looking)
  return { tokens, ms, stallMs }
}

async function firstCount(): Promise<Measured> {
  const counter = createTokenCounter()
  try {
    return await measure(() => counter.count('openai', 'gpt-4o', ['Hello']))
  } finally {
    await counter.close()
  }
}

/** In a process of its own: what is loaded once is loaded for good. */
const bareFirstCount = (): Measured => JSON.parse(execFileSync(process.execPath, [import.meta.filename, BARE_START], { encoding: 'utf8' }))

async function starts(): Promise<{ readonly ours: Measured[]; readonly bare: Measured[] }> {
  const ours: Measured[] = []
  const bare: Measured[] = []
  for (let round = 0; round < STARTS; round++) {
    ours.push(await firstCount())
    bare.push(bareFirstCount())
  }
  return { ours, bare }
}

async function prompts(counter: TokenCounter, countBare: CountTokens): Promise<{ readonly ours: Measured[]; readonly bare: Measured[] }> {
  const prose = createProse()
  const ours: Measured[] = []
  const bare: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const text = prose()
    ours.push(await measure(() => counter.count('openai', 'gpt-4o', [text])))
    bare.push(await measure(() => countBare(text)))
  }
  return { ours, bare }
}

const medianOf = (values: readonly Measured[], of: (value: Measured) => number): number => median(values.map(of))
const speed = ({ tokens, ms }: Measured): number => tokens / ms / 1000

if (process.argv[2] === BARE_START) {
  console.log(JSON.stringify(await measure(async () => (await loadBare())('Hello'))))
} else {
  const start = await starts()
  const countBare = await loadBare()
  const counter = createTokenCounter()
  await counter.count('openai', 'gpt-4o', ['Hello'])
  countBare('Hello')
  const prompt = await prompts(counter, countBare)
  const hostile: { what: string; ours: number; bare: number }[] = []
  for (const [what, text] of [
    ['16,000 spaces', ' '.repeat(16_000)],
    ['8,000 emoji', '😀'.repeat(8_000)],
  ] as const) {
    const ours = await measure(() => counter.count('openai', 'gpt-4o', [text]))
    const bare = await measure(() => countBare(text))
    hostile.push({ what, ours: rounded(ours.ms), bare: rounded(bare.ms) })
  }
  await counter.close()

  const report = {
    bench: 'tokeniser',
    goalMs: GOAL_MS,
    firstCountMs: rounded(medianOf(start.ours, ({ ms }) => ms)),
    bareFirstCountMs: rounded(medianOf(start.bare, ({ ms }) => ms)),
    firstStallMs: rounded(medianOf(start.ours, ({ stallMs }) => stallMs)),
    bareFirstStallMs: rounded(medianOf(start.bare, ({ stallMs }) => stallMs)),
    millionTokensPerSecond: rounded(medianOf(prompt.ours, speed)),
    bareMillionTokensPerSecond: rounded(medianOf(prompt.bare, speed)),
    stallMs: rounded(medianOf(prompt.ours, ({ stallMs }) => stallMs)),
    worstStallMs: rounded(Math.max(...prompt.ours.map(({ stallMs }) => stallMs))),
    bareStallMs: rounded(medianOf(prompt.bare, ({ stallMs }) => stallMs)),
    hostile,
  }
  console.table([
    { what: 'first count, ms', ours: report.firstCountMs, bare: report.bareFirstCountMs },
    { what: 'longest stall until then, ms', ours: report.firstStallMs, bare: report.bareFirstStallMs },
    { what: 'million tokens a second', ours: report.millionTokensPerSecond, bare: report.bareMillionTokensPerSecond },
    { what: 'longest stall during 1 MB, ms', ours: report.stallMs, bare: report.bareStallMs },
    ...hostile.map(({ what, ours, bare }) => ({ what: `${what}, ms`, ours, bare })),
  ])
  console.log(JSON.stringify(report))
}
