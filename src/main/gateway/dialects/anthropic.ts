import type { Dialect } from './dialect.ts'
import { createAnthropicMeter } from './anthropicMeter.ts'
import { readMessages } from './anthropicMessages.ts'

export const anthropicDialect: Dialect = {
  readDemand: (endpoint, json, bodyBytes) => (endpoint === 'messages' ? readMessages(json, bodyBytes) : null),
  createMeter: (_endpoint, demand) => createAnthropicMeter(demand),
}
