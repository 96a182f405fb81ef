import type { Demand } from './dialect.ts'
import { createGatherer, type Gatherer } from './gatherer.ts'
import { asArray, asCount, asObject, asPositive, asText, visitObjects, type JsonObject } from './json.ts'
import { invalid, readModel, type Invalid } from './requests.ts'

const TOKENS_OF_A_MESSAGE = 4
/** What is said of tools before the first of them, and of each that is the provider's own. */
const TOKENS_OF_TOOLS = 1_000
const TOKENS_OF_A_TOOL = 16
/** Scaled down to 2,576 pixels at its longer side, an image has 4,784; older models scale further. */
const MOST_TOKENS_OF_AN_IMAGE = 4_784
/** A search whose number nobody limits; what is billed beyond, the ledger shows. */
const SEARCHES_WITHOUT_LIMIT = 10
/** Tools that are billed by the hour, or at the price of another model. */
const UNPRICED_TOOLS = /^(?:code_execution|advisor)_/

export function readMessages(json: unknown, bodyBytes: number): Demand | Invalid {
  const read = readModel(json)
  if ('invalid' in read) return read
  const { body, model } = read
  if (!Array.isArray(body.messages)) return invalid('The request has no "messages"; give them as a list.')
  const mostOutputTokens = asCount(body.max_tokens)
  if (mostOutputTokens === null) return invalid('The request has no "max_tokens"; give a whole number.')
  const tools = asArray(body.tools).map(asObject)
  const unpriced = tools.find((tool) => UNPRICED_TOOLS.test(asText(tool?.type) ?? ''))
  if (unpriced) {
    return invalid(
      `The tool "${String(unpriced.type).slice(0, 80)}" is billed apart from the model's tokens and cannot be held to a budget; leave it out.`,
    )
  }
  if (asArray(body.fallbacks).length > 0) {
    return invalid('"fallbacks" may answer with another model at another price; leave it out, and ask that model when it is needed.')
  }

  const gathered = createGatherer()
  gatherContent(gathered, body.system)
  for (const value of body.messages) {
    const message = asObject(value)
    gathered.tokens(TOKENS_OF_A_MESSAGE)
    if (message) gatherContent(gathered, message.content)
    else gathered.json(value)
  }
  if (tools.length > 0) gathered.tokens(TOKENS_OF_TOOLS)
  let mostWebSearches = 0
  for (const tool of tools) {
    gathered.json(tool)
    const type = asText(tool?.type) ?? 'custom'
    gathered.tokens(type === 'custom' ? TOKENS_OF_A_TOOL : TOKENS_OF_TOOLS)
    if (type.startsWith('web_search')) mostWebSearches += asPositive(tool?.max_uses) ?? SEARCHES_WITHOUT_LIMIT
    // What is found or fetched is input as well.
    if (/^(?:web_|mcp)/.test(type)) gathered.open()
  }
  if (asArray(body.mcp_servers).length > 0 || body.container) gathered.open()
  gathered.json(asObject(body.output_config)?.format ?? body.output_format)
  return {
    model,
    isStreamed: body.stream === true,
    // Usage stands in every stream.
    asksForUsage: true,
    mostOutputTokens,
    choices: 1,
    prompts: 1,
    inputText: () => gathered.inputText(),
    otherInputTokens: gathered.otherTokens,
    bodyBytes,
    isTokeniserKnown: false,
    isInputOpen: gathered.isOpen,
    cacheWrite: cacheWriteOf(body),
    hasAudio: false,
    mostWebSearches,
    serviceTier: tierOf({ ...body, service_tier: undefined }) ?? asText(body.service_tier),
  }
}

/** What changes the price of every token, as one word: `fast+us`; null where nothing does. */
export function tierOf(said: JsonObject): string | null {
  const words = [
    said.speed === 'fast' ? 'fast' : null,
    said.inference_geo === 'us' ? 'us' : null,
    said.service_tier === 'priority' || said.service_tier === 'batch' ? said.service_tier : null,
  ].filter((word) => word !== null)
  return words.length > 0 ? words.join('+') : null
}

/** Wherever it stands: a tool's own input may hold the same word, which only reserves more. */
function cacheWriteOf(body: JsonObject): Demand['cacheWrite'] {
  let longest: Demand['cacheWrite'] = null
  visitObjects(body, ({ cache_control: control }) => {
    if (control === undefined || control === null) return
    const ttl = asObject(control)?.ttl
    if (ttl !== undefined && ttl !== null && ttl !== '5m') longest = '1h'
    longest ??= '5m'
  })
  return longest
}

function gatherContent(gathered: Gatherer, content: unknown): void {
  // The last is next: what a block holds is taken before what follows it, and depth costs no stack.
  const rest = [content]
  while (rest.length > 0) {
    const next = rest.pop()
    if (typeof next === 'string') gathered.text(next)
    else if (Array.isArray(next)) for (let index = next.length - 1; index >= 0; index--) rest.push(next[index])
    else gatherBlock(gathered, asObject(next), rest)
  }
}

function gatherBlock(gathered: Gatherer, block: JsonObject | null, rest: unknown[]): void {
  if (!block) return
  if (block.type === 'text') gathered.text(block.text)
  else if (block.type === 'image') gathered.tokens(MOST_TOKENS_OF_AN_IMAGE)
  else if (block.type === 'document') {
    gathered.text(block.title)
    gathered.text(block.context)
    const source = asObject(block.source)
    if (source?.type === 'text') gathered.text(source.data)
    else if (source?.type === 'content') rest.push(source.content)
    // Pages are read as text and as images; their bytes tell nothing of either.
    else gathered.open()
  } else if (block.type === 'tool_use') {
    gathered.text(block.name)
    gathered.json(block.input)
  } else if (block.type === 'tool_result') rest.push(block.content)
  else if (block.type === 'thinking') gathered.text(block.thinking)
  else if (block.type === 'container_upload') gathered.open()
  else gathered.json(block)
}
