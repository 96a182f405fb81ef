import { encodingOf } from '../../tokens/encodings.ts'
import type { Demand } from './dialect.ts'
import { createGatherer, type Gatherer } from './gatherer.ts'
import { asArray, asObject, asPositive, asText, visitObjects, type JsonObject } from './json.ts'
import { mostTokensOfAnImage } from './openaiImages.ts'
import { invalid, readChoices, readModel, type Invalid } from './requests.ts'

/** Three for each message and one for its name; three before the answer; some for each tool's wrapping. */
export const TOKENS_OF_A_MESSAGE = 4
export const TOKENS_BEFORE_AN_ANSWER = 3
const TOKENS_OF_A_TOOL = 16

/** `fast` is another word for it; the answer says `priority` either way. */
export function tierOf(value: unknown): string | null {
  return value === 'fast' ? 'priority' : asText(value)
}

/** What is shared by all of OpenAI's requests. */
export function demandOf(model: string, body: JsonObject, gathered: Gatherer, bodyBytes: number): Demand {
  return {
    model,
    isStreamed: body.stream === true,
    asksForUsage: asObject(body.stream_options)?.include_usage === true,
    mostOutputTokens: null,
    choices: 1,
    prompts: 1,
    inputText: () => gathered.inputText(),
    otherInputTokens: gathered.otherTokens,
    bodyBytes,
    isTokeniserKnown: encodingOf(model) !== null,
    isInputOpen: gathered.isOpen,
    cacheWrite: 'unasked',
    hasAudio: gathered.hasAudio,
    mostWebSearches: 0,
    serviceTier: tierOf(body.service_tier),
  }
}

export function readChat(json: unknown, bodyBytes: number): Demand | Invalid {
  const read = readModel(json)
  if ('invalid' in read) return read
  const { body, model } = read
  if (!Array.isArray(body.messages)) return invalid('The request has no "messages"; give them as a list.')
  const choices = readChoices(body.n, 'n')
  if (typeof choices !== 'number') return choices

  const gathered = createGatherer()
  gathered.tokens(TOKENS_BEFORE_AN_ANSWER)
  for (const message of body.messages) gatherMessage(gathered, message, model)
  gatherTools(gathered, body)
  gathered.json(asObject(body.response_format)?.json_schema)
  const hasAudio = gathered.hasAudio || asArray(body.modalities).includes('audio') || asObject(body.audio) !== null
  const asksForSearch = asObject(body.web_search_options) !== null || /-search(?:-|$)/.test(model)
  return {
    ...demandOf(model, body, gathered, bodyBytes),
    mostOutputTokens: mostOutput(body, gathered),
    choices,
    hasAudio,
    cacheWrite: cacheWriteOf(body),
    mostWebSearches: asksForSearch ? choices : 0,
  }
}

/** The larger of the two, should a server heed the other; a predicted text that does not come true is charged besides. */
function mostOutput(body: JsonObject, gathered: Gatherer): number | null {
  const limits = [asPositive(body.max_completion_tokens), asPositive(body.max_tokens)].filter((limit) => limit !== null)
  if (limits.length === 0) return null
  const prediction = asObject(body.prediction)
  const predicted = createGatherer()
  predicted.json(prediction?.content)
  gathered.json(prediction?.content)
  return Math.max(...limits) + (prediction ? Buffer.byteLength(predicted.inputText().join('')) : 0)
}

/** Caches for half an hour are written unasked; a longer life costs more, and is asked for at the top or at any mark in the input. */
export function cacheWriteOf(body: JsonObject): Demand['cacheWrite'] {
  let cacheWrite: Demand['cacheWrite'] = 'unasked'
  visitObjects(body, ({ prompt_cache_options: options, prompt_cache_breakpoint: mark }) => {
    if (options === undefined && mark === undefined) return
    for (const ttl of [asObject(options)?.ttl, asObject(mark)?.ttl]) if (typeof ttl === 'string' && ttl !== '30m') cacheWrite = '1h'
  })
  return cacheWrite
}

export function gatherTools(gathered: Gatherer, body: JsonObject): void {
  for (const tool of [...asArray(body.tools), ...asArray(body.functions)]) {
    gathered.tokens(TOKENS_OF_A_TOOL)
    gathered.json(tool)
  }
}

function gatherMessage(gathered: Gatherer, value: unknown, model: string): void {
  const message = asObject(value)
  if (!message) return gathered.json(value)
  gathered.tokens(TOKENS_OF_A_MESSAGE)
  for (const key of ['role', 'name', 'refusal', 'reasoning_content'] as const) gathered.text(message[key])
  // An answer that was spoken earlier is kept at the provider.
  if (asObject(message.audio)) gathered.audio(null)
  for (const call of asArray(message.tool_calls)) {
    const made = asObject(asObject(call)?.function) ?? asObject(asObject(call)?.custom)
    gathered.tokens(TOKENS_OF_A_MESSAGE)
    gathered.text(made?.name)
    gathered.text(made?.arguments ?? made?.input)
  }
  gathered.json(message.function_call)
  const { content } = message
  if (!Array.isArray(content)) return gathered.text(content)
  for (const part of content) gatherPart(gathered, part, model)
}

function gatherPart(gathered: Gatherer, value: unknown, model: string): void {
  const part = asObject(value)
  if (!part) return gathered.json(value)
  if (part.type === 'text') gathered.text(part.text)
  else if (part.type === 'refusal') gathered.text(part.refusal)
  else if (part.type === 'image_url') gathered.tokens(mostTokensOfAnImage(model))
  else if (part.type === 'input_audio') gathered.audio(asObject(part.input_audio)?.data)
  // Pages are read as text and as images; their bytes tell nothing of either.
  else if (part.type === 'file') gathered.open()
  else gathered.json(part)
}
