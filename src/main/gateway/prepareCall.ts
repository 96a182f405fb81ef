import type { Refusal } from '../../shared/domain/llm.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import type { ModelPrices, PriceTable } from '../budget/prices.ts'
import type { Demand, Dialect } from './dialects/dialect.ts'
import { LONGEST_MODEL } from './dialects/requests.ts'
import type { ReadJson } from './largeJson.ts'
import { isPlaceholderKey } from './placeholderKey.ts'
import type { OwnRefusal } from './providerErrors.ts'
import type { Route } from './route.ts'
import type { Run } from './run.ts'
import { askForUsage } from './usageAsk.ts'

/** A request that can be held to its budget, or costs nothing. */
export interface PreparedCall {
  readonly model: string
  readonly body: Buffer | null
  readonly json: unknown
  /** Null where the endpoint costs nothing. */
  readonly priced: PricedDemand | null
  /** Usage was asked for by us alone. */
  readonly hidesUsage: boolean
}

export interface PricedDemand {
  readonly demand: Demand
  readonly prices: ModelPrices
  /** The model is unknown, and a ceiling is charged. */
  readonly isPriceEstimated: boolean
  readonly worstCase: Nanodollars
}

export interface RefusedCall {
  readonly refusal: Refusal
  readonly answer: OwnRefusal
  readonly message: string
  readonly model: string
}

export interface PrepareOptions {
  readonly run: Run
  readonly route: Route
  readonly key: string
  readonly body: Buffer
  readonly read: ReadJson | null
  readonly dialect: Dialect
  readonly prices: PriceTable
  readonly worstCaseOf: (demand: Demand, prices: ModelPrices, inputTokens: number | null) => Nanodollars
}

/** What budgets rest upon: there are parsers that take another spelling for the same name. */
const RELIED_UPON = new Set([
  'model',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'stream',
  'n',
  'best_of',
  'stream_options',
  'service_tier',
])
/** As much of a name as a sentence repeats. */
const LONGEST_NAME = 80
const ASKS_BY_OPTION = new Set(['chat/completions', 'completions'])
const KEY_NAMES = { openai: 'OPENAI_API_KEY', anthropic: 'ANTHROPIC_API_KEY' }
const NAMES = { openai: 'OpenAI', anthropic: 'Anthropic' }

/** Judges a request before anything of it leaves. */
export function prepareCall(options: PrepareOptions): PreparedCall | RefusedCall {
  const { run, route, body, read, prices } = options
  const { provider, endpoint } = route
  const { llm } = run.plan
  const model = modelOf(read?.json)
  const refused = (refusal: Refusal, answer: OwnRefusal, message: string): RefusedCall => ({ refusal, answer, message, model })

  if (llm.mode === 'live' && llm.upstreams[provider] === null && (options.key === '' || isPlaceholderKey(options.key))) {
    const remedy = `set ${KEY_NAMES[provider]}, or start it with --provider simulated`
    const message = `This run calls ${NAMES[provider]} itself and has no key: ${remedy}.`
    return refused('no-key', 'no-key', message)
  }
  const bytes = body.length > 0 ? body : null
  if (!read) return { model, body: bytes, json: null, priced: null, hidesUsage: false }

  const ambiguous = ambiguousName(read)
  if (ambiguous !== null) {
    const message = `"${ambiguous}" stands in the request twice or in another spelling: give it once, as the provider spells it.`
    return refused('invalid', 'invalid', message)
  }
  const demand = options.dialect.readDemand(endpoint, read.json, body.length)
  if (demand === null) return { model, body: bytes, json: read.json, priced: null, hidesUsage: false }
  if ('invalid' in demand) return refused('invalid', 'invalid', demand.invalid)

  const known = prices.find(demand.model)
  if (!known && llm.unknownModel === 'refuse') {
    const remedy = 'name a file with its prices in the setting prices, or set unknown_model to ceiling'
    const message = `The model "${demand.model}" stands in no price list: ${remedy}.`
    return refused('unknown-model', 'unknown-model', message)
  }
  const found = known ?? prices.ceiling
  const worstCase = options.worstCaseOf(demand, found, null)
  const priced: PricedDemand = { demand, prices: found, isPriceEstimated: known === null, worstCase }
  const isUnasked = demand.isStreamed && !demand.asksForUsage && ASKS_BY_OPTION.has(endpoint)
  const asked = isUnasked && read.members ? askForUsage(body, read.members) : null
  if (!asked) return { model, body: bytes, json: read.json, priced, hidesUsage: false }
  return { model, body: asked, json: withUsageAsked(read.json), priced, hidesUsage: true }
}

function modelOf(json: unknown): string {
  const model = typeof json === 'object' && json !== null && 'model' in json ? json.model : ''
  return typeof model === 'string' ? model.slice(0, LONGEST_MODEL) : ''
}

function ambiguousName({ members }: ReadJson): string | null {
  const seen = new Set<string>()
  for (const { key } of members ?? []) {
    // Of a name that stands twice one parser takes the first, another the last.
    if (seen.has(key)) return key.slice(0, LONGEST_NAME)
    seen.add(key)
    // By way of capitals: of two letters that look otherwise these are an S and a K, and there are parsers that think so too.
    const name = key.toUpperCase().toLowerCase()
    if (key !== name && RELIED_UPON.has(name)) return name
  }
  return null
}

function withUsageAsked(json: unknown): unknown {
  const request = json as Record<string, unknown>
  return { ...request, stream_options: { ...(request.stream_options as object | null | undefined), include_usage: true } }
}
