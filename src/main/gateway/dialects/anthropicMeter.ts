import { asArray, asObject, asText, type JsonObject } from './json.ts'
import { tierOf } from './anthropicMessages.ts'
import { usageOfAnthropic } from './anthropicUsage.ts'
import type { Demand, Meter } from './dialect.ts'
import { parsed } from './openaiMeter.ts'
import { createOutputText } from './outputText.ts'

const THEIRS = { isOursAlone: false } as const

export function createAnthropicMeter(demand: Demand): Meter {
  const output = createOutputText()
  /** Field by field the latest: what a later event leaves out still holds. */
  let said: JsonObject | null = null
  let model: string | null = null
  let isFinished = false
  let stopReason: string | null = null

  const take = (usage: unknown): void => {
    const entries = Object.entries(asObject(usage) ?? {}).filter(([, value]) => value !== null && value !== undefined)
    if (entries.length > 0) said = { ...said, ...Object.fromEntries(entries) }
  }
  const takeBlock = (value: unknown): void => {
    const block = asObject(value)
    if (!block) return
    output.add(block.text)
    output.add(block.thinking)
    output.add(block.name)
    if (asObject(block.input) && Object.keys(block.input as object).length > 0) output.add(JSON.stringify(block.input))
  }

  return {
    body(json) {
      const answer = asObject(json)
      if (!answer) return
      isFinished = true
      take(answer.usage ?? asObject(answer.error)?.usage)
      model = asText(answer.model) ?? model
      stopReason = asText(answer.stop_reason)
      for (const block of asArray(answer.content)) takeBlock(block)
    },
    event(data) {
      const event = parsed(data)
      if (!event) return THEIRS
      if (event.type === 'message_start') {
        const message = asObject(event.message)
        take(message?.usage)
        model = asText(message?.model) ?? model
      } else if (event.type === 'message_delta') {
        take(event.usage)
        stopReason = asText(asObject(event.delta)?.stop_reason) ?? stopReason
        isFinished = true
      } else if (event.type === 'content_block_start') takeBlock(event.content_block)
      else if (event.type === 'content_block_delta') {
        const delta = asObject(event.delta)
        for (const key of ['text', 'thinking', 'partial_json'] as const) output.add(delta?.[key])
      } else if (event.type === 'error') take(event.usage ?? asObject(event.error)?.usage)
      return THEIRS
    },
    get outputCharacters() {
      return output.characters
    },
    outputText: () => output.text(),
    finishReasons: () => (stopReason === null ? [] : [stopReason]),
    metered() {
      const usage = usageOfAnthropic(said, demand.cacheWrite === '1h' ? '1h' : '5m')
      return {
        usage,
        isOutputPartial: !isFinished,
        webSearches: usage?.webSearch ?? 0,
        model,
        serviceTier: said === null ? null : tierOf(said),
      }
    },
  }
}
