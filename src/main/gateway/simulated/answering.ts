import type { Provider } from '../../../shared/domain/provider.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { UpstreamRequest } from '../upstream.ts'
import { errorAnswer, type Answer, type Rejection } from './answer.ts'
import type { Conversation } from './conversation.ts'
import { createDice, type Dice } from './dice.ts'
import { makeReply, type CountTokens, type Reply } from './reply.ts'

const MOST_OF_AN_END = 50_000

export interface Occasion {
  readonly seed: number
  /** Which attempt of the run this is: ids differ by it, answers do not. */
  readonly attempt: number
  readonly requestId: string
  readonly now: Millis
  readonly count: (provider: Provider, model: string, texts: readonly string[]) => Promise<number>
}

/** What an endpoint's part of the simulation needs besides its request. */
export interface Answering {
  readonly provider: Provider
  readonly requestId: string
  readonly seconds: number
  /** For ids: never the same twice in a run. */
  readonly dice: Dice
  readonly headers: readonly string[]
  countWith(model: string): CountTokens
  /** The answer to a conversation; the n-th, where several are asked for. */
  reply(conversation: Conversation, index?: number): Promise<Reply>
  inputTokens(conversation: Conversation): Promise<number>
  reject(rejection: Rejection): Answer
}

/** A text by which it is known: a long one by its length, beginning and end. */
function bothEnds(text: string): string {
  return text.length <= 2 * MOST_OF_AN_END ? text : `${text.length}:${text.slice(0, MOST_OF_AN_END)}${text.slice(-MOST_OF_AN_END)}`
}

export function createAnswering(
  { provider, endpoint, body }: UpstreamRequest,
  { seed, attempt, requestId, now, count }: Occasion,
): Answering {
  // Put together once, however many answers are asked for.
  const contents = new Map<Conversation, string>()
  function contentOf(conversation: Conversation): string {
    const content = contents.get(conversation) ?? bothEnds(conversation.inputTexts.join('\0'))
    contents.set(conversation, content)
    return content
  }
  const countWith =
    (model: string): CountTokens =>
    (texts) =>
      count(provider, model, texts)
  const headers = provider === 'openai' ? ['x-request-id', requestId, 'openai-version', '2020-10-01'] : ['request-id', requestId]
  return {
    provider,
    requestId,
    seconds: Math.floor(now / 1_000),
    dice: createDice(seed, attempt, endpoint, body?.length ?? 0),
    headers,
    countWith,
    reply: (conversation, index = 0) =>
      makeReply(conversation, createDice(seed, index, conversation.model, contentOf(conversation)), countWith(conversation.model)),
    inputTokens: async ({ model, inputTexts, frameTokens }) => (await count(provider, model, inputTexts)) + frameTokens,
    reject: (rejection) => errorAnswer(provider, requestId, rejection),
  }
}
