import { asArray, asObject, asText, type JsonObject } from '../dialects/json.ts'
import { longAnswer, type Answer, type Rejection } from './answer.ts'
import type { Answering } from './answering.ts'
import { createDice } from './dice.ts'
import { badCount, missing, NO_JSON, NO_MODEL, numberOr } from './openaiRequest.ts'
import { significantWords } from './subject.ts'

const MOST_INPUTS = 2_048
const LARGE_DIMENSIONS = 3_072
const USUAL_DIMENSIONS = 1_536
/** As much of a text as decides where it lies. */
const MOST_CHARACTERS = 8_000

type Input = { readonly text: string } | { readonly tokens: readonly number[] }

export async function answerEmbeddings(json: unknown, answering: Answering): Promise<Answer> {
  const body = asObject(json)
  const rejection = body ? rejectionOf(body) : NO_JSON
  if (!body || rejection) return answering.reject(rejection ?? NO_JSON)
  const model = asText(body.model) ?? ''
  const inputs = inputsOf(body.input)
  const texts = inputs.flatMap((input) => ('text' in input ? [input.text] : []))
  const given = inputs.reduce((sum, input) => sum + ('tokens' in input ? input.tokens.length : 0), 0)
  const tokens = given + (texts.length > 0 ? await answering.countWith(model)(texts) : 0)
  const dimensions = numberOr(body.dimensions, /large/.test(model) ? LARGE_DIMENSIONS : USUAL_DIMENSIONS)
  return longAnswer(pieces({ inputs, dimensions, isBase64: body.encoding_format === 'base64', model, tokens }), answering.headers)
}

interface Embedded {
  readonly inputs: readonly Input[]
  readonly dimensions: number
  readonly isBase64: boolean
  readonly model: string
  readonly tokens: number
}

/** One vector at a time: two thousand of them at once would keep everybody else waiting. */
function* pieces({ inputs, dimensions, isBase64, model, tokens }: Embedded): Generator<string> {
  for (const [index, input] of inputs.entries()) {
    const vector = vectorOf(input, dimensions)
    const embedding = isBase64 ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector)
    yield (index === 0 ? '{"object":"list","data":[' : ',') + JSON.stringify({ object: 'embedding', index, embedding })
  }
  yield `],"model":${JSON.stringify(model)},"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`
}

/** Texts that share words lie near each other, as they do with a real model; the length is 1. */
function vectorOf(input: Input, dimensions: number): Float32Array<ArrayBuffer> {
  const content = 'text' in input ? input.text.slice(0, MOST_CHARACTERS) : input.tokens.join(' ')
  const vector = new Float32Array(dimensions)
  const noise = createDice('embedding', content)
  for (let index = 0; index < dimensions; index++) vector[index] = (noise.below(2_001) - 1_000) / 20_000
  const words = 'text' in input ? significantWords(content) : input.tokens.slice(0, MOST_CHARACTERS).map(String)
  for (const word of new Set(words)) {
    const dice = createDice('word', word)
    for (let place = 0; place < 16; place++) {
      const at = dice.below(dimensions)
      vector[at] = (vector[at] ?? 0) + (dice.below(2) === 0 ? 1 : -1)
    }
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}

function rejectionOf(body: JsonObject): Rejection | null {
  if (typeof body.model !== 'string' || body.model === '') return NO_MODEL
  if (body.input === undefined || body.input === null) return missing('input')
  const inputs = inputsOf(body.input)
  const isBad = inputs.length === 0 || inputs.some((input) => ('text' in input ? input.text === '' : input.tokens.length === 0))
  if (isBad) return { message: "'$.input' is invalid: give a text, tokens, or a list of either, and none of them empty.", param: 'input' }
  if (inputs.length > MOST_INPUTS) {
    const expected = `Expected an array with maximum length ${MOST_INPUTS}, but got an array with length ${inputs.length} instead.`
    const message = `Invalid 'input': array too long. ${expected}`
    return { message, param: 'input', code: 'array_above_max_length' }
  }
  const { encoding_format: encoding = 'float' } = body
  if (encoding !== 'float' && encoding !== 'base64') {
    const message = `Invalid value: '${String(encoding).slice(0, 80)}'. Supported values are: 'float' and 'base64'.`
    return { message, param: 'encoding_format', code: 'invalid_value' }
  }
  return badCount(body, 'dimensions', 1, LARGE_DIMENSIONS)
}

function inputsOf(value: unknown): Input[] {
  if (typeof value === 'string') return [{ text: value }]
  const list = asArray(value)
  if (typeof list[0] === 'number') return [{ tokens: numbersOf(list) }]
  return list.map((input) => (Array.isArray(input) ? { tokens: numbersOf(input) } : { text: asText(input) ?? '' }))
}

const numbersOf = (list: readonly unknown[]): number[] => list.filter((token): token is number => typeof token === 'number')
