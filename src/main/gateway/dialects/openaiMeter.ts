import type { Endpoint, Usage } from '../../../shared/domain/llm.ts'
import type { Demand, Meter } from './dialect.ts'
import { asArray, asObject, asText, type JsonObject } from './json.ts'
import { tierOf } from './openaiChat.ts'
import { usageOfOpenAi } from './openaiUsage.ts'
import { createOutputText } from './outputText.ts'

const OURS = { isOursAlone: true } as const
const THEIRS = { isOursAlone: false } as const
/** Deltas that are no text: sound and images as base64. */
const NOT_TEXT = /audio\.delta$|image/

export function createOpenAiMeter(endpoint: Endpoint, demand: Demand): Meter {
  const output = createOutputText()
  let usage: Usage | null = null
  let model: string | null = null
  let serviceTier: string | null = null
  let isFinished = false
  let searches = 0
  const finishReasons: string[] = []

  /** What an answer or a piece of one says of itself; the latest that is said holds. */
  const take = (answer: JsonObject): void => {
    usage = usageOfOpenAi(answer.usage ?? asObject(answer.error)?.usage) ?? usage
    model = asText(answer.model) ?? model
    serviceTier = tierOf(answer.service_tier) ?? serviceTier
  }
  const takeChoices = (answer: JsonObject): void => {
    for (const value of asArray(answer.choices)) {
      const choice = asObject(value)
      if (!choice) continue
      output.add(choice.text)
      takeMessage(output.add, asObject(choice.delta) ?? asObject(choice.message))
      if (typeof choice.finish_reason !== 'string') continue
      isFinished = true
      finishReasons.push(choice.finish_reason)
    }
  }
  const takeResponse = (response: JsonObject): void => {
    take(response)
    // It has no reasons of its own; the latest word is how it stands.
    const reason = asText(asObject(response.incomplete_details)?.reason) ?? asText(response.status)
    if (reason !== null) finishReasons.splice(0, 1, reason)
    const items = asArray(response.output).map(asObject)
    if (items.length > 0) searches = items.filter(isSearch).length
  }

  const takeEvent = (event: JsonObject): void => {
    const response = asObject(event.response)
    const type = asText(event.type) ?? ''
    if (response) takeResponse(response)
    if (type.endsWith('.delta') && !NOT_TEXT.test(type)) output.add(event.delta)
    if (type === 'response.output_item.done' && isSearch(asObject(event.item))) searches++
    if (/^response\.(?:completed|incomplete|failed)$/.test(type)) isFinished = true
  }

  return {
    body(json) {
      const answer = asObject(json)
      if (!answer) return
      isFinished = true
      if (endpoint === 'responses') {
        takeResponse(answer)
        for (const item of asArray(answer.output)) takeItem(output.add, asObject(item))
      } else {
        take(answer)
        takeChoices(answer)
      }
    },
    event(data) {
      if (data === '[DONE]') {
        isFinished = true
        return THEIRS
      }
      const event = parsed(data)
      if (!event) return THEIRS
      if (endpoint === 'responses') {
        takeEvent(event)
        return THEIRS
      }
      take(event)
      takeChoices(event)
      const isUsageAlone = asObject(event.usage) !== null && Array.isArray(event.choices) && event.choices.length === 0
      if (isUsageAlone) isFinished = true
      return isUsageAlone && !demand.asksForUsage ? OURS : THEIRS
    },
    get outputCharacters() {
      return output.characters
    },
    outputText: () => output.text(),
    finishReasons: () => (isFinished ? finishReasons : []),
    metered() {
      // A chat that may search does so for each answer, and says nothing of it.
      const webSearch = endpoint === 'responses' ? searches : usage === null ? 0 : demand.mostWebSearches
      return {
        usage: usage !== null && webSearch > 0 ? { ...usage, webSearch } : usage,
        isOutputPartial: !isFinished,
        webSearches: webSearch,
        model,
        serviceTier,
      }
    },
  }
}

export function parsed(data: string): JsonObject | null {
  try {
    return asObject(JSON.parse(data))
  } catch {
    return null
  }
}

function takeMessage(add: (text: unknown) => void, message: JsonObject | null): void {
  if (!message) return
  if (Array.isArray(message.content)) for (const part of message.content) add(asObject(part)?.text)
  for (const key of ['content', 'refusal', 'reasoning_content', 'reasoning'] as const) add(message[key])
  add(asObject(message.audio)?.transcript)
  for (const call of [...asArray(message.tool_calls), { function: message.function_call }]) {
    const made = asObject(asObject(call)?.function) ?? asObject(asObject(call)?.custom)
    add(made?.name)
    add(made?.arguments ?? made?.input)
  }
}

function takeItem(add: (text: unknown) => void, item: JsonObject | null): void {
  if (!item) return
  for (const value of [...asArray(item.content), ...asArray(item.summary)]) {
    const part = asObject(value)
    add(part?.text)
    add(part?.refusal)
  }
  for (const key of ['name', 'arguments', 'input'] as const) add(item[key])
}

/** Opening a page and searching in it cost nothing of their own. */
function isSearch(item: JsonObject | null): boolean {
  if (item?.type !== 'web_search_call') return false
  const action = asText(asObject(item.action)?.type)
  return action === null || action === 'search'
}
