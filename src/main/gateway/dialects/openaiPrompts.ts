import type { Demand } from './dialect.ts'
import { createGatherer, type Gatherer } from './gatherer.ts'
import { asPositive } from './json.ts'
import { demandOf } from './openaiChat.ts'
import { invalid, readChoices, readModel, type Invalid } from './requests.ts'

export function readCompletion(json: unknown, bodyBytes: number): Demand | Invalid {
  const read = readModel(json)
  if ('invalid' in read) return read
  const { body, model } = read
  const n = readChoices(body.n, 'n')
  if (typeof n !== 'number') return n
  const bestOf = readChoices(body.best_of, 'best_of')
  if (typeof bestOf !== 'number') return bestOf
  const gathered = createGatherer()
  const prompts = gatherPrompts(gathered, body.prompt ?? '')
  if (prompts === null) return invalid('"prompt" must be a text, a list of texts, a list of tokens, or a list of such lists.')
  gathered.text(body.suffix)
  return {
    ...demandOf(model, body, gathered, bodyBytes),
    mostOutputTokens: asPositive(body.max_tokens),
    choices: prompts * Math.max(n, bestOf),
    prompts,
  }
}

export function readEmbedding(json: unknown, bodyBytes: number): Demand | Invalid {
  const read = readModel(json)
  if ('invalid' in read) return read
  const { body, model } = read
  const gathered = createGatherer()
  const prompts = gatherPrompts(gathered, body.input)
  if (prompts === null) return invalid('"input" must be a text, a list of texts, a list of tokens, or a list of such lists.')
  return { ...demandOf(model, body, gathered, bodyBytes), isStreamed: false, mostOutputTokens: 0, choices: 0, prompts }
}

/** How many there are; null where it is nothing of the kind. */
function gatherPrompts(gathered: Gatherer, value: unknown): number | null {
  if (typeof value === 'string') {
    gathered.text(value)
    return 1
  }
  if (!Array.isArray(value) || value.length === 0) return null
  if (value.every((one) => typeof one === 'number')) {
    gathered.tokens(value.length)
    return 1
  }
  for (const one of value) {
    if (typeof one === 'string') gathered.text(one)
    else if (Array.isArray(one) && one.every((token) => typeof token === 'number')) gathered.tokens(one.length)
    else return null
  }
  return value.length
}
