import type { Dialect } from './dialect.ts'
import { readChat } from './openaiChat.ts'
import { createOpenAiMeter } from './openaiMeter.ts'
import { readCompletion, readEmbedding } from './openaiPrompts.ts'
import { readResponse } from './openaiResponses.ts'

export const openAiDialect: Dialect = {
  readDemand(endpoint, json, bodyBytes) {
    if (endpoint === 'chat/completions') return readChat(json, bodyBytes)
    if (endpoint === 'responses') return readResponse(json, bodyBytes)
    if (endpoint === 'completions') return readCompletion(json, bodyBytes)
    if (endpoint === 'embeddings') return readEmbedding(json, bodyBytes)
    return null
  },
  createMeter: createOpenAiMeter,
}
