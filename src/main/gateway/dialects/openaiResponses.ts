import type { Demand } from './dialect.ts'
import { createGatherer, type Gatherer } from './gatherer.ts'
import { asArray, asObject, asPositive, type JsonObject } from './json.ts'
import { cacheWriteOf, demandOf, gatherTools, TOKENS_BEFORE_AN_ANSWER, TOKENS_OF_A_MESSAGE } from './openaiChat.ts'
import { mostTokensOfAnImage } from './openaiImages.ts'
import { invalid, readModel, type Invalid } from './requests.ts'

/** A search whose number nobody limits; what is billed beyond, the ledger shows. */
const SEARCHES_WITHOUT_LIMIT = 10

/** Tools that the provider bills by calls, minutes or images, and reports no price of. */
const UNPRICED_TOOLS: ReadonlySet<unknown> = new Set(['file_search', 'code_interpreter', 'image_generation'])

export function readResponse(json: unknown, bodyBytes: number): Demand | Invalid {
  const read = readModel(json)
  if ('invalid' in read) return read
  const { body, model } = read
  if (body.background === true) {
    return invalid('"background" is true, but an answer that comes later would be billed unseen; leave it out.')
  }
  const tools = asArray(body.tools).map((tool) => asObject(tool)?.type)
  const unpriced = tools.find((type) => UNPRICED_TOOLS.has(type) || isHostedShell(body, type))
  if (unpriced !== undefined) {
    return invalid(`The tool "${String(unpriced)}" is billed apart from tokens and cannot be held to a budget; leave it out.`)
  }

  const gathered = createGatherer()
  gathered.tokens(TOKENS_BEFORE_AN_ANSWER)
  if (body.previous_response_id || body.conversation || body.prompt) gathered.open()
  gathered.text(body.instructions)
  if (typeof body.input === 'string') gathered.text(body.input)
  for (const item of asArray(body.input)) gatherItem(gathered, item, model)
  gatherTools(gathered, body)
  gathered.json(asObject(body.text)?.format)
  const searches = tools.some((type) => typeof type === 'string' && type.startsWith('web_search'))
  // What is found, or what a remote tool answers, is input as well.
  if (searches || tools.includes('mcp')) gathered.open()
  return {
    ...demandOf(model, body, gathered, bodyBytes),
    // Usage stands in the last event of every stream.
    asksForUsage: true,
    mostOutputTokens: asPositive(body.max_output_tokens),
    cacheWrite: cacheWriteOf(body),
    mostWebSearches: searches ? (asPositive(body.max_tool_calls) ?? SEARCHES_WITHOUT_LIMIT) : 0,
  }
}

function isHostedShell(body: JsonObject, type: unknown): boolean {
  if (type !== 'shell') return false
  return asArray(body.tools).some((tool) => {
    const environment = asObject(asObject(tool)?.environment)
    return asObject(tool)?.type === 'shell' && environment !== null && environment.type !== 'local'
  })
}

function gatherItem(gathered: Gatherer, value: unknown, model: string): void {
  const item = asObject(value)
  if (!item) return gathered.json(value)
  gathered.tokens(TOKENS_OF_A_MESSAGE)
  if (item.type === 'item_reference') gathered.open()
  else if (item.type === 'message' || item.role !== undefined) {
    gathered.text(item.role)
    gatherContent(gathered, item.content, model)
  } else if (item.type === 'function_call') {
    gathered.text(item.name)
    gathered.text(item.arguments)
  } else if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output' || item.type === 'computer_call_output') {
    gatherContent(gathered, asObject(item.output) ? [item.output] : item.output, model)
  } else gathered.json(item)
}

function gatherContent(gathered: Gatherer, content: unknown, model: string): void {
  if (!Array.isArray(content)) return gathered.text(content)
  for (const value of content) {
    const part = asObject(value)
    if (!part) gathered.json(value)
    else if (typeof part.text === 'string') gathered.text(part.text)
    else if (part.type === 'refusal') gathered.text(part.refusal)
    else if (part.type === 'input_image' || part.type === 'computer_screenshot') gathered.tokens(mostTokensOfAnImage(model))
    else if (part.type === 'input_file') gathered.open()
    else if (part.type === 'input_audio') gathered.audio(asObject(part.input_audio)?.data)
    else gathered.json(part)
  }
}
