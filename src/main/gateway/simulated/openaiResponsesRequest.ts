import { asArray, asObject, asText, jsonText, type JsonObject } from '../dialects/json.ts'
import type { Rejection } from './answer.ts'
import type { Conversation, ToolChoice, ToolOffer, Turn } from './conversation.ts'
import { badCount, contentOf, formatOf, missing, NO_JSON, NO_MODEL, numberOr, spelledOut, wrongType } from './openaiRequest.ts'

export interface ResponsesRequest extends Conversation {
  readonly isStreamed: boolean
  /** As it came; the answer repeats much of it. */
  readonly body: JsonObject
}

const ITEM_TOKENS = 3
const LEAST_OUTPUT_TOKENS = 16
const ROLES = ['assistant', 'system', 'developer', 'user'] as const

export function readResponses(json: unknown): ResponsesRequest | Rejection {
  const body = asObject(json)
  if (!body) return NO_JSON
  const rejection = rejectionOf(body)
  if (rejection) return rejection

  const turns: Turn[] = []
  const inputTexts: string[] = []
  let frameTokens = ITEM_TOKENS
  const add = (role: Turn['role'], text: string): void => {
    turns.push({ role, text })
    inputTexts.push(text)
    frameTokens += ITEM_TOKENS
  }
  if (typeof body.instructions === 'string') add('system', body.instructions)
  if (typeof body.input === 'string') add('user', body.input)
  for (const item of asArray(body.input).map((entry) => asObject(entry) ?? {})) {
    if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output') add('tool', contentOf(item.output).text)
    else if (item.type === 'function_call' || item.type === 'custom_tool_call') {
      inputTexts.push(asText(item.name) ?? '', asText(item.arguments) ?? asText(item.input) ?? '')
    } else if (item.role !== undefined) {
      const { text, otherTokens } = contentOf(item.content)
      add(roleOf(item.role), text)
      frameTokens += otherTokens
    } else inputTexts.push(jsonText(item))
  }
  const format = asObject(body.text)?.format
  inputTexts.push(...spelledOut(body.tools), ...spelledOut(format))

  return {
    model: asText(body.model) ?? '',
    turns,
    inputTexts,
    frameTokens,
    tools: toolsOf(body),
    toolChoice: choiceOf(body.tool_choice),
    isParallel: body.parallel_tool_calls !== false,
    format: formatOf(format),
    stops: [],
    mostTokens: numberOr(body.max_output_tokens, null),
    isStreamed: body.stream === true,
    body,
  }
}

function roleOf(role: unknown): Turn['role'] {
  return role === 'developer' || role === 'system' ? 'system' : role === 'assistant' ? 'assistant' : 'user'
}

function rejectionOf(body: JsonObject): Rejection | null {
  if (typeof body.model !== 'string' || body.model === '') return NO_MODEL
  const { input } = body
  if (input === undefined || input === null) return missing('input')
  if (typeof input !== 'string' && !Array.isArray(input)) return wrongType('input', 'a string or an array of input items', input)
  for (const [index, entry] of asArray(input).entries()) {
    const item = asObject(entry)
    if (!item) return wrongType(`input[${index}]`, 'an object', entry)
    if (item.role === undefined || ROLES.some((role) => role === item.role)) continue
    const role = String(item.role).slice(0, 80)
    const message = `Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`
    return { message, param: `input[${index}].role`, code: 'invalid_value' }
  }
  const choice = choiceOf(body.tool_choice)
  if (choice.kind === 'forced' && !toolsOf(body).some(({ name }) => name === choice.name)) {
    return { message: `Tool choice '${choice.name.slice(0, 80)}' not found in 'tools' parameter.`, param: 'tool_choice' }
  }
  return badCount(body, 'max_output_tokens', LEAST_OUTPUT_TOKENS)
}

function toolsOf(body: JsonObject): ToolOffer[] {
  return asArray(body.tools).flatMap((entry) => {
    const tool = asObject(entry)
    // Tools that the provider runs itself are not run here.
    if ((tool?.type !== 'function' && tool?.type !== 'custom') || typeof tool.name !== 'string') return []
    const schema = tool.type === 'custom' ? null : (tool.parameters ?? { type: 'object' })
    return [{ name: tool.name, description: asText(tool.description) ?? '', schema }]
  })
}

function choiceOf(value: unknown): ToolChoice {
  if (value === 'none' || value === 'required') return { kind: value }
  const name = asText(asObject(value)?.name)
  return name === null ? { kind: 'auto' } : { kind: 'forced', name }
}
