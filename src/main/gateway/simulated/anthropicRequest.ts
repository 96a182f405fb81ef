import { asArray, asObject, asText, jsonText, type JsonObject } from '../dialects/json.ts'
import type { Rejection } from './answer.ts'
import type { Conversation, ToolChoice, ToolOffer, Turn } from './conversation.ts'

export interface MessagesRequest extends Conversation {
  readonly isStreamed: boolean
}

/** Around each message, and for a picture of usual size. */
const MESSAGE_TOKENS = 3
const PICTURE_TOKENS = 1_000

export function readMessages(json: unknown, needsLimit: boolean): MessagesRequest | Rejection {
  const body = asObject(json)
  if (!body) return { message: 'The request body is not valid JSON' }
  const rejection = rejectionOf(body, needsLimit) ?? messagesRejection(asArray(body.messages)) ?? choiceRejection(body)
  if (rejection) return rejection

  const turns: Turn[] = []
  const inputTexts: string[] = []
  let frameTokens = 0
  const system = textOf(body.system)
  if (system !== '') turns.push({ role: 'system', text: system })
  inputTexts.push(system)
  for (const message of asArray(body.messages).map((entry) => asObject(entry) ?? {})) {
    frameTokens += MESSAGE_TOKENS
    const blocks = blocksOf(message.content)
    const hasResults = blocks.some(({ type }) => type === 'tool_result')
    for (const block of blocks) {
      const text = block.type === 'tool_result' ? textOf(block.content) : (asText(block.text) ?? asText(block.thinking) ?? '')
      inputTexts.push(text)
      if (block.type === 'tool_use') inputTexts.push(asText(block.name) ?? '', jsonText(block.input))
      if (block.type === 'image' || block.type === 'document') frameTokens += PICTURE_TOKENS
      if (block.type === 'tool_result') turns.push({ role: 'tool', text })
      // Words beside the answers of tools ask for nothing new.
      else if (block.type === 'text') turns.push({ role: hasResults ? 'assistant' : roleOf(message.role), text })
    }
  }
  if (body.tools !== undefined) inputTexts.push(jsonText(body.tools))

  const choice = asObject(body.tool_choice)
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format)
  return {
    model: asText(body.model) ?? '',
    turns,
    inputTexts,
    frameTokens,
    tools: toolsOf(body),
    toolChoice: choiceOf(choice),
    isParallel: choice?.disable_parallel_tool_use !== true,
    format: format?.type === 'json_schema' ? { kind: 'json-schema', schema: format.schema ?? {} } : { kind: 'text' },
    stops: asArray(body.stop_sequences).filter((stop): stop is string => typeof stop === 'string'),
    mostTokens: typeof body.max_tokens === 'number' ? body.max_tokens : null,
    isStreamed: body.stream === true,
  }
}

const roleOf = (role: unknown): Turn['role'] => (role === 'assistant' || role === 'system' ? role : 'user')

function blocksOf(content: unknown): JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : asArray(content).map((block) => asObject(block) ?? {})
}

const textOf = (content: unknown): string =>
  blocksOf(content)
    .map(({ text }) => asText(text) ?? '')
    .join('\n')

function rejectionOf(body: JsonObject, needsLimit: boolean): Rejection | null {
  const required = (field: string): Rejection => ({ message: `${field}: Field required` })
  if (body.model === undefined) return required('model')
  if (typeof body.model !== 'string') return { message: 'model: Input should be a valid string' }
  if (body.messages === undefined) return required('messages')
  if (!Array.isArray(body.messages)) return { message: 'messages: Input should be a valid list' }
  if (body.messages.length === 0) return { message: 'messages: at least one message is required' }
  if (!needsLimit) return null
  const { max_tokens: most } = body
  if (most === undefined) return required('max_tokens')
  if (typeof most !== 'number' || !Number.isInteger(most)) return { message: 'max_tokens: Input should be a valid integer' }
  return most < 1 ? { message: 'max_tokens: Input should be greater than or equal to 1' } : null
}

function messagesRejection(messages: readonly unknown[]): Rejection | null {
  let open: string[] = []
  for (const [index, entry] of messages.entries()) {
    const message = asObject(entry)
    if (!message) return { message: `messages.${index}: Input should be a valid dictionary` }
    if (message.role === undefined) return { message: `messages.${index}.role: Field required` }
    if (!['user', 'assistant', 'system'].some((role) => role === message.role)) {
      return { message: `messages: Unexpected role "${String(message.role).slice(0, 80)}". Allowed roles are "user" or "assistant".` }
    }
    if (message.content === undefined) return { message: `messages.${index}.content: Field required` }
    const blocks = blocksOf(message.content)
    const answered = blocks.filter(({ type }) => type === 'tool_result').map((block) => asText(block.tool_use_id) ?? '')
    const missing = open.filter((id) => !answered.includes(id))
    if (missing.length > 0) return withoutResult(missing, index - 1)
    const stray = answered.find((id) => !open.includes(id))
    if (stray !== undefined) {
      const message = `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.slice(0, 80)}.`
      return { message: `${message} Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.` }
    }
    open = message.role === 'assistant' ? blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => asText(id) ?? '') : []
  }
  return open.length > 0 ? withoutResult(open, messages.length - 1) : null
}

function withoutResult(ids: readonly string[], index: number): Rejection {
  const message = `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}.`
  return { message: `${message} Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.` }
}

function choiceRejection(body: JsonObject): Rejection | null {
  const choice = choiceOf(asObject(body.tool_choice))
  if (body.tool_choice === undefined || choice.kind === 'none') return null
  const tools = toolsOf(body)
  if (asArray(body.tools).length === 0) return { message: 'tool_choice: Tools must be provided when `tool_choice` is given' }
  if (choice.kind !== 'forced' || tools.some(({ name }) => name === choice.name)) return null
  return { message: `Tool '${choice.name.slice(0, 80)}' not found in provided tools` }
}

function toolsOf(body: JsonObject): ToolOffer[] {
  return asArray(body.tools).flatMap((entry) => {
    const tool = asObject(entry)
    // Tools that the provider runs itself have no schema; nobody runs them here.
    if (typeof tool?.name !== 'string' || tool.input_schema === undefined) return []
    return [{ name: tool.name, description: asText(tool.description) ?? '', schema: tool.input_schema }]
  })
}

function choiceOf(choice: JsonObject | null): ToolChoice {
  if (choice?.type === 'any') return { kind: 'required' }
  if (choice?.type === 'none') return { kind: 'none' }
  return choice?.type === 'tool' && typeof choice.name === 'string' ? { kind: 'forced', name: choice.name } : { kind: 'auto' }
}
