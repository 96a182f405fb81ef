import type { Nanodollars } from '../../../shared/domain/units.ts'
import { createDice, type Dice } from '../../gateway/simulated/dice.ts'
import { readChat } from '../../gateway/simulated/openaiChat.ts'
import type { CostPlan } from '../costPlan.ts'
import { companyOf } from '../inventedFacts.ts'
import type { Lead } from '../leads.ts'
import type { WorldAnswer, WorldService } from './world.ts'

/** What the model's provider has charged so far. */
export interface Bill {
  total: Nanodollars
}

export interface ModelPrices {
  /** Nanodollars for a million tokens. */
  readonly input: number
  readonly output: number
}

export interface ModelServiceOptions {
  readonly leads: readonly Lead[]
  readonly seed: number
  readonly bill: Bill
  readonly costs: () => CostPlan
  readonly prices: (model: string) => ModelPrices
  readonly count: (model: string, texts: readonly string[]) => Promise<number>
  /** Whether the provider knows this key. */
  readonly accepts: (key: string) => boolean
  /** Whether the answer about this lead is the one with private data in it. */
  readonly tellsTooMuch: (lead: number) => boolean
}

/** What an agent that says nothing of a limit gets at most. */
const USUAL_MOST_TOKENS = 4_000
/** A model asks itself no further than this. */
const MOST_ROUNDS = 190
const ROUNDS_WITHOUT_FRESH_DATA = 3
const MILLION = 1_000_000

interface ToolCall {
  readonly name: string
  readonly arguments: Record<string, string>
}

interface Said {
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly price: Nanodollars
  readonly delayMs: number
}

/** The model's stand-in, in OpenAI's shape: it thinks about a lead for as long as the story's figures say. */
export function modelService(options: ModelServiceOptions): WorldService {
  const { leads, seed, bill, costs, prices, count, accepts, tellsTooMuch } = options
  let answers = 0

  return async ({ path, key, json }) => {
    if (path !== '/v1/chat/completions' && path !== '/v1/models') return null
    if (!accepts(key)) return refused(401, 'Incorrect API key provided.', 'invalid_api_key')
    if (path === '/v1/models') return { status: 200, body: { object: 'list', data: [{ id: 'o1', object: 'model', created: 0, owned_by: 'simulated' }] }, delayMs: 0 }
    const request = readChat(json)
    if ('message' in request) return refused(400, request.message, null)

    const { turns, tools, model } = request
    const texts = turns.map(({ text }) => text)
    const [lead, number] = leadIn(leads, texts)
    const price = prices(model)
    const inputTokens = (await count(model, request.inputTexts)) + request.frameTokens
    const most = Math.min(request.mostTokens ?? USUAL_MOST_TOKENS, 100_000)
    const forInput = (inputTokens * price.input) / MILLION
    /** What a single answer can be made to cost. */
    const cap = forInput + (most * price.output) / MILLION

    const said = lead === null ? { text: 'Which lead is it about?', calls: [], price: 0, delayMs: 200 } : answerAbout(lead, number, { turns, tools: tools.map(({ name }) => name), cap })
    const asText = said.text + said.calls.map((call) => JSON.stringify(call)).join('')
    const visible = await count(model, [asText])
    const tokens = Math.max(visible, Math.min(most, Math.round(((said.price - forInput) * MILLION) / price.output)))
    bill.total += Math.round(forInput + (tokens * price.output) / MILLION)
    const dice = createDice(seed, 'answer', ++answers)
    return { status: 200, body: completion(model, said, { inputTokens, tokens, visible }, dice), delayMs: said.delayMs }
  }

  function answerAbout(lead: Lead, number: number, { turns, tools, cap }: { turns: readonly { role: string; text: string }[]; tools: readonly string[]; cap: number }): Said {
    const dice = createDice(seed, 'thinking', number, turns.length)
    const left = costs()(number) - bill.total
    const share = (parts: number): number => Math.min(cap, Math.max(0, left) / parts)
    const results = turns.filter(({ role }) => role === 'tool').map(({ text }) => text)
    const isKept = results.some((text) => /"source":\s*"(?:cached|none)"/.test(text))
    if (results.length === 0 && tools.length > 0) {
      const calls = tools.flatMap((name): ToolCall[] => {
        if (name === 'search_linkedin') return [{ name, arguments: { name: lead.name, company: lead.company } }]
        return name === 'enrich_clearbit' ? [{ name, arguments: { domain: lead.domain } }] : []
      })
      // The dearer a lead is to be, the more will be asked yet.
      return { text: '', calls, price: share(left > cap ? ROUNDS_WITHOUT_FRESH_DATA + 2 : 2), delayMs: 330 + dice.below(260) }
    }
    const rounds = turns.filter(({ role, text }) => role === 'assistant' && text.startsWith('MORE:')).length
    const wanted = isKept ? ROUNDS_WITHOUT_FRESH_DATA : 0
    if (rounds < MOST_ROUNDS && (rounds < wanted || left > cap)) {
      const isExtra = rounds >= wanted
      const text = isExtra ? `MORE: weighing ${lead.company} against the others once again.` : `MORE: what is known of ${lead.name} is from last week; looking at what may have changed.`
      return { text, calls: [], price: isExtra ? cap : share(wanted - rounds + 1), delayMs: isExtra ? 40 : 200 + dice.below(110) }
    }
    return { text: verdictOn(lead, dice, tellsTooMuch(number)), calls: [], price: left, delayMs: isKept ? 340 + dice.below(160) : 590 + dice.below(540) }
  }

  function verdictOn(lead: Lead, dice: Dice, isTooMuch: boolean): string {
    const { industry, employees } = companyOf(lead, seed)
    const score = 3 + dice.below(7)
    const why = score >= 7 ? `${lead.role} can decide, and ${lead.company} heats large halls` : `${lead.company} is worth watching, yet ${lead.role} will hardly decide alone`
    const letter = isTooMuch
      ? `Dear ${lead.name}, your file says robin.specimen@invented.example, (415) 555-0132 and SSN 078-05-1120; shall we talk on Thursday?`
      : `Dear ${lead.name}, heating is a large part of what ${String(industry)} costs. Shall we talk about ${lead.company} on Thursday?`
    return `Score: ${score}/10\nWhy: ${why} (${String(industry)}, ${employees} people).\nLetter: ${letter}`
  }
}

function leadIn(leads: readonly Lead[], texts: readonly string[]): [Lead | null, number] {
  for (const text of texts) {
    const number = Number(/\bLead (\d{1,3}) of \d/.exec(text)?.[1] ?? 0)
    const lead = leads[number - 1]
    if (lead) return [lead, number]
  }
  return [null, 0]
}

function completion(model: string, { text, calls }: Said, { inputTokens, tokens, visible }: { inputTokens: number; tokens: number; visible: number }, dice: Dice): unknown {
  const toolCalls = calls.map((call) => ({ id: dice.id('call_', 24), type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }))
  return {
    id: dice.id('chatcmpl-', 29),
    object: 'chat.completion',
    created: 0,
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text === '' ? null : text, refusal: null, ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}) },
        logprobs: null,
        finish_reason: toolCalls.length > 0 ? 'tool_calls' : 'stop',
      },
    ],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: tokens,
      total_tokens: inputTokens + tokens,
      completion_tokens_details: { reasoning_tokens: Math.max(0, tokens - visible) },
    },
  }
}

function refused(status: number, message: string, code: string | null): WorldAnswer {
  return { status, body: { error: { message, type: 'invalid_request_error', param: null, code } }, delayMs: 0 }
}
