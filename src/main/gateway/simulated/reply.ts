import { gistOf, type Conversation } from './conversation.ts'
import type { Dice } from './dice.ts'
import { writeProse } from './prose.ts'
import { valueForSchema } from './schemaValue.ts'
import { subjectOf } from './subject.ts'
import { pickTools } from './toolPick.ts'
import { writtenAnswer } from './writtenTools.ts'

export type CountTokens = (texts: readonly string[]) => Promise<number>

export interface ToolCall {
  readonly name: string
  /** JSON; or free text, for a tool that takes such. */
  readonly argumentText: string
  readonly isFreeText: boolean
}

export interface Reply {
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly end: { readonly kind: 'finished' | 'calls' | 'length' } | { readonly kind: 'stop'; readonly sequence: string }
  readonly tokens: number
}

/** What is answered, before any provider's shape. */
export async function makeReply(conversation: Conversation, dice: Dice, count: CountTokens): Promise<Reply> {
  const gist = gistOf(conversation.turns)
  const tools = pickTools(conversation, gist)
  if (tools.length > 0) {
    const subject = subjectOf(gist.request)
    const calls = tools.map(({ name, schema }) => {
      const isFreeText = schema === null
      return { name, isFreeText, argumentText: isFreeText ? subject.excerpt : JSON.stringify(valueForSchema(schema, subject, dice)) }
    })
    return withinLimit({ text: '', calls, end: { kind: 'calls' } }, conversation.mostTokens, count)
  }

  const { kind, ...format } = conversation.format
  const whole =
    kind === 'text'
      ? (writtenAnswer(conversation, dice) ?? writeProse(gist, dice))
      : kind === 'json-object'
        ? JSON.stringify({ answer: writeProse(gist, dice) })
        : JSON.stringify(valueForSchema('schema' in format ? format.schema : {}, subjectOf(gist.request), dice))
  const stop = firstStop(whole, conversation.stops)
  const end: Reply['end'] = stop ? { kind: 'stop', sequence: stop.sequence } : { kind: 'finished' }
  return withinLimit({ text: stop ? whole.slice(0, stop.at) : whole, calls: [], end }, conversation.mostTokens, count)
}

function firstStop(text: string, stops: readonly string[]): { at: number; sequence: string } | null {
  const found = stops
    .filter((sequence) => sequence !== '')
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
  return found.sort((a, b) => a.at - b.at)[0] ?? null
}

async function withinLimit(reply: Omit<Reply, 'tokens'>, most: number | null, count: CountTokens): Promise<Reply> {
  const limit = most ?? Infinity
  let left = limit
  const whole = reply.text === '' ? 0 : await count([reply.text])
  if (whole > left) {
    const cut = await longestStart(reply.text, left, count)
    return { text: cut.text, calls: [], end: { kind: 'length' }, tokens: cut.tokens }
  }
  left -= whole

  const calls: ToolCall[] = []
  let used = whole
  for (const call of reply.calls) {
    const tokens = await count([call.name, call.argumentText])
    if (tokens <= left) {
      calls.push(call)
      left -= tokens
      used += tokens
      continue
    }
    const name = await count([call.name])
    if (name <= left) {
      const cut = await longestStart(call.argumentText, left, (texts) => count([call.name, ...texts]))
      calls.push({ ...call, argumentText: cut.text })
      used += cut.tokens
    }
    return { text: reply.text, calls, end: { kind: 'length' }, tokens: used }
  }
  return { ...reply, tokens: used }
}

/** As much of the text's beginning as fits, by halving. */
async function longestStart(text: string, most: number, count: CountTokens): Promise<{ text: string; tokens: number }> {
  let fits = { text: '', tokens: 0 }
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const start = wholeCharacters(text, middle)
    const tokens = await count([start])
    if (tokens <= most) {
      fits = { text: start, tokens }
      low = middle
    } else high = middle - 1
  }
  return fits
}

/** Never ends inside a pair of surrogates. */
function wholeCharacters(text: string, length: number): string {
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}
