import type { UpstreamRequest } from '../upstream.ts'
import type { Answer } from './answer.ts'
import { createAnswering, type Answering, type Occasion } from './answering.ts'
import { answerMessages, answerTokenCount } from './anthropicMessages.ts'
import { answerModels } from './models.ts'
import { readChat } from './openaiChat.ts'
import { chatAnswer } from './openaiChatAnswer.ts'
import { answerCompletions } from './openaiCompletions.ts'
import { answerEmbeddings } from './openaiEmbeddings.ts'
import { answerResponses } from './openaiResponses.ts'

export async function answerTo(request: UpstreamRequest, occasion: Occasion): Promise<Answer> {
  const answering = createAnswering(request, occasion)
  switch (request.endpoint) {
    case 'chat/completions':
      return answerChat(request.json, answering)
    case 'responses':
      return answerResponses(request.json, answering)
    case 'completions':
      return answerCompletions(request.json, answering)
    case 'embeddings':
      return answerEmbeddings(request.json, answering)
    case 'messages':
      return answerMessages(request.json, answering)
    case 'messages/count_tokens':
      return answerTokenCount(request.json, answering)
    case 'models':
      return answerModels(request.path, answering)
    case 'unknown':
      return answering.reject({ message: `Invalid URL (${request.method} ${request.path})`, status: 404 })
  }
}

async function answerChat(json: unknown, answering: Answering): Promise<Answer> {
  const request = readChat(json)
  if ('message' in request) return answering.reject(request)
  const [inputTokens, ...replies] = await Promise.all([
    answering.inputTokens(request),
    ...Array.from({ length: request.choices }, (_, index) => answering.reply(request, index)),
  ])
  return chatAnswer({ request, replies, inputTokens, seconds: answering.seconds, dice: answering.dice, headers: answering.headers })
}
