import { asArray, asObject, asText, type JsonObject } from '../dialects/json.ts'
import { jsonAnswer, streamAnswer, type Answer, type Rejection, type StreamEvent } from './answer.ts'
import type { Answering } from './answering.ts'
import type { Conversation } from './conversation.ts'
import { interleaved, usageOf } from './openaiChatAnswer.ts'
import { badCount, NO_JSON, NO_MODEL, numberOr, stopsOf, streamOptionsAlone, wrongType } from './openaiRequest.ts'
import { piecesOf } from './pieces.ts'

/** The endpoint stops there unless it is told otherwise. */
const USUAL_MOST_TOKENS = 16
const MOST_PROMPTS = 128

/** Texts, or their tokens. */
interface Prompt {
  readonly text: string
  readonly tokens: number
}

export async function answerCompletions(json: unknown, answering: Answering): Promise<Answer> {
  const body = asObject(json)
  const rejection = body ? rejectionOf(body) : NO_JSON
  if (!body || rejection) return answering.reject(rejection ?? NO_JSON)
  const prompts = promptsOf(body.prompt)
  const choices = numberOr(body.n, 1)
  const conversations = prompts.flatMap((prompt) =>
    Array.from({ length: choices }, (_, index) => ({ conversation: conversationOf(body, prompt), index })),
  )
  const counts = await Promise.all([...new Set(prompts)].map((prompt) => answering.inputTokens(conversationOf(body, prompt))))
  const replies = await Promise.all(conversations.map(({ conversation, index }) => answering.reply(conversation, index)))
  const usage = usageOf(
    counts.reduce((sum, count) => sum + count, 0),
    replies,
  )

  const head = {
    id: answering.dice.id('cmpl-', 29),
    object: 'text_completion',
    created: answering.seconds,
    model: asText(body.model) ?? '',
  }
  const echoes = (index: number): string => (body.echo === true ? (prompts[Math.floor(index / choices)]?.text ?? '') : '')
  const finishes = replies.map(({ end }) => (end.kind === 'length' ? 'length' : 'stop'))
  if (body.stream !== true) {
    const list = replies.map(({ text }, index) => ({
      text: echoes(index) + text,
      index,
      logprobs: null,
      finish_reason: finishes[index] ?? 'stop',
    }))
    return jsonAnswer({ ...head, choices: list, usage }, 200, answering.headers)
  }

  const includesUsage = asObject(body.stream_options)?.include_usage === true
  const chunk = (text: string, index: number, finish: string | null): StreamEvent => ({
    data: { ...head, choices: [{ text, index, logprobs: null, finish_reason: finish }], ...(includesUsage && { usage: null }) },
  })
  const events = interleaved(
    replies.map(({ text }, index) => [
      ...piecesOf(echoes(index) + text).map((piece) => chunk(piece, index, null)),
      chunk('', index, finishes[index] ?? 'stop'),
    ]),
  )
  if (includesUsage) events.push({ data: { ...head, choices: [], usage } })
  return streamAnswer([...events, { data: '[DONE]' }], answering.headers)
}

function rejectionOf(body: JsonObject): Rejection | null {
  if (typeof body.model !== 'string' || body.model === '') return NO_MODEL
  const { prompt } = body
  if (prompt !== undefined && prompt !== null && typeof prompt !== 'string' && !Array.isArray(prompt))
    return wrongType('prompt', 'a string or array', prompt)
  if (promptsOf(prompt).length > MOST_PROMPTS) {
    const message = `Invalid 'prompt': array too long. Expected an array with maximum length ${MOST_PROMPTS}.`
    return { message, param: 'prompt', code: 'array_above_max_length' }
  }
  return badCount(body, 'max_tokens', 0) ?? badCount(body, 'n', 1, 128) ?? streamOptionsAlone(body)
}

function promptsOf(value: unknown): Prompt[] {
  if (Array.isArray(value) && value.length > 0) {
    if (typeof value[0] === 'number') return [{ text: '', tokens: value.length }]
    return value.map((prompt) => ({ text: asText(prompt) ?? '', tokens: asArray(prompt).length }))
  }
  return [{ text: asText(value) ?? '', tokens: 0 }]
}

function conversationOf(body: JsonObject, { text, tokens }: Prompt): Conversation {
  return {
    model: asText(body.model) ?? '',
    turns: [{ role: 'user', text }],
    inputTexts: [text],
    frameTokens: tokens,
    tools: [],
    toolChoice: { kind: 'none' },
    isParallel: false,
    format: { kind: 'text' },
    stops: stopsOf(body.stop),
    mostTokens: numberOr(body.max_tokens, USUAL_MOST_TOKENS),
  }
}
