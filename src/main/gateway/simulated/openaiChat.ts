import { asArray, asObject, asText, type JsonObject } from '../dialects/json.ts'
import type { Rejection } from './answer.ts'
import type { Conversation, ToolChoice, ToolOffer, Turn } from './conversation.ts'
import {
  badCount,
  contentOf,
  formatOf,
  missing,
  NO_JSON,
  NO_MODEL,
  numberOr,
  spelledOut,
  stopsOf,
  streamOptionsAlone,
  wrongType,
} from './openaiRequest.ts'

/** Chat completions, as requests. */
export interface ChatRequest extends Conversation {
  readonly choices: number
  readonly isStreamed: boolean
  readonly includesUsage: boolean
  /** Asked with `functions`, as before there were tools. */
  readonly isOldManner: boolean
}

/** Around each message, and before the answer. */
const MESSAGE_TOKENS = 3
const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'] as const

export function readChat(json: unknown): ChatRequest | Rejection {
  const body = asObject(json)
  if (!body) return NO_JSON
  const rejection = rejectionOf(body) ?? messagesRejection(body.messages) ?? toolsRejection(body)
  if (rejection) return rejection

  const messages = asArray(body.messages).map((message) => asObject(message) ?? {})
  const turns: Turn[] = []
  const inputTexts: string[] = []
  let frameTokens = MESSAGE_TOKENS
  for (const message of messages) {
    const { text, otherTokens } = contentOf(message.content)
    turns.push({ role: roleOf(message.role), text })
    inputTexts.push(text, ...[message.name].filter((name) => typeof name === 'string'))
    for (const called of [...asArray(message.tool_calls).map((call) => asObject(call)?.function), message.function_call].map(asObject)) {
      if (called) inputTexts.push(asText(called.name) ?? '', asText(called.arguments) ?? '')
    }
    frameTokens += MESSAGE_TOKENS + otherTokens
  }
  inputTexts.push(...spelledOut(body.tools), ...spelledOut(body.functions), ...spelledOut(asObject(body.response_format)?.json_schema))

  return {
    model: asText(body.model) ?? '',
    turns,
    inputTexts,
    frameTokens,
    tools: toolsOf(body),
    toolChoice: choiceOf(body.tool_choice ?? body.function_call),
    isParallel: body.parallel_tool_calls !== false && body.functions === undefined,
    format: formatOf(body.response_format),
    stops: stopsOf(body.stop),
    mostTokens: numberOr(body.max_completion_tokens, numberOr(body.max_tokens, null)),
    choices: numberOr(body.n, 1),
    isStreamed: body.stream === true,
    includesUsage: asObject(body.stream_options)?.include_usage === true,
    isOldManner: body.functions !== undefined && body.tools === undefined,
  }
}

function roleOf(role: unknown): Turn['role'] {
  if (role === 'developer' || role === 'system') return 'system'
  return role === 'assistant' ? 'assistant' : role === 'tool' || role === 'function' ? 'tool' : 'user'
}

function rejectionOf(body: JsonObject): Rejection | null {
  if (typeof body.model !== 'string' || body.model === '') return NO_MODEL
  if (typeof body.max_tokens === 'number' && typeof body.max_completion_tokens === 'number') {
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
    return { message, param: 'max_tokens', code: 'invalid_parameter_combination' }
  }
  return (
    badCount(body, 'max_tokens', 1) ?? badCount(body, 'max_completion_tokens', 1) ?? badCount(body, 'n', 1, 128) ?? streamOptionsAlone(body)
  )
}

function messagesRejection(messages: unknown): Rejection | null {
  if (messages === undefined) return missing('messages')
  if (!Array.isArray(messages)) return wrongType('messages', 'an array of objects', messages)
  if (messages.length === 0) {
    const message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."
    return { message, param: 'messages', code: 'empty_array' }
  }
  let open: string[] = []
  for (const [index, entry] of messages.entries()) {
    const message = asObject(entry)
    const param = `messages[${index}]`
    if (!message) return wrongType(param, 'an object', entry)
    if (message.role === undefined) return missing(`${param}.role`)
    if (!ROLES.some((role) => role === message.role)) {
      const supported = `${ROLES.slice(0, -1)
        .map((role) => `'${role}'`)
        .join(', ')}, and 'developer'`
      return {
        message: `Invalid value: '${String(message.role).slice(0, 80)}'. Supported values are: ${supported}.`,
        param: `${param}.role`,
        code: 'invalid_value',
      }
    }
    if (message.role === 'tool') {
      if (!open.some((id) => id === message.tool_call_id)) return strayAnswer(index)
      open = open.filter((id) => id !== message.tool_call_id)
      continue
    }
    if (open.length > 0) return unanswered(open, index)
    if (message.role === 'assistant') open = asArray(message.tool_calls).map((call) => asText(asObject(call)?.id) ?? '')
    else if (message.content === undefined || message.content === null) return missing(`${param}.content`)
  }
  return open.length > 0 ? unanswered(open, messages.length - 1) : null
}

function strayAnswer(index: number): Rejection {
  const message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
  return { message, param: `messages.[${index}].role` }
}

function unanswered(ids: readonly string[], index: number): Rejection {
  const rule = "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
  return {
    message: `${rule} The following tool_call_ids did not have response messages: ${ids.join(', ')}`,
    param: `messages.[${index}].role`,
  }
}

function toolsRejection(body: JsonObject): Rejection | null {
  const tools = toolsOf(body)
  if (body.tool_choice !== undefined && body.tool_choice !== null && tools.length === 0) {
    return { message: "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", param: 'tool_choice' }
  }
  const choice = choiceOf(body.tool_choice ?? body.function_call)
  if (choice.kind === 'forced' && !tools.some(({ name }) => name === choice.name)) {
    return { message: `Tool choice '${choice.name.slice(0, 80)}' not found in 'tools' parameter.`, param: 'tool_choice' }
  }
  if (asObject(body.response_format)?.type !== 'json_object') return null
  const hasWord = asArray(body.messages).some((message) => /json/i.test(contentOf(asObject(message)?.content).text))
  if (hasWord) return null
  return {
    message: "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    param: 'messages',
  }
}

function toolsOf(body: JsonObject): ToolOffer[] {
  const functions = [...asArray(body.tools).map((tool) => asObject(asObject(tool)?.function)), ...asArray(body.functions).map(asObject)]
  const custom = asArray(body.tools).map((tool) => asObject(asObject(tool)?.custom))
  return [
    ...functions.flatMap((tool) => (typeof tool?.name === 'string' ? [offer(tool, tool.name, tool.parameters ?? { type: 'object' })] : [])),
    ...custom.flatMap((tool) => (typeof tool?.name === 'string' ? [offer(tool, tool.name, null)] : [])),
  ]
}

function offer(tool: JsonObject, name: string, schema: unknown): ToolOffer {
  return { name, description: asText(tool.description) ?? '', schema }
}

function choiceOf(value: unknown): ToolChoice {
  if (value === 'none' || value === 'required') return { kind: value }
  const choice = asObject(value)
  const name = asText(asObject(choice?.function)?.name) ?? asText(asObject(choice?.custom)?.name) ?? asText(choice?.name)
  return name === null ? { kind: 'auto' } : { kind: 'forced', name }
}
