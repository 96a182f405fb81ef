import { asObject, type JsonObject } from './json.ts'

export interface Invalid {
  readonly invalid: string
}

export const invalid = (sentence: string): Invalid => ({ invalid: sentence })

/** What names a model to people and in records: no provider's is as long. */
export const LONGEST_MODEL = 200

/** The body and the model it names, without which there is no price. */
export function readModel(json: unknown): { readonly body: JsonObject; readonly model: string } | Invalid {
  const body = asObject(json)
  if (!body) return invalid('The body of the request is no JSON object; send one with a "model".')
  const { model } = body
  if (typeof model !== 'string' || model === '')
    return invalid('The request names no model; give its name as "model", so that it can be priced.')
  if (model.length > LONGEST_MODEL) return invalid(`The name of the model is longer than ${LONGEST_MODEL} characters; give it as the provider spells it.`)
  return { body, model }
}

const MOST_CHOICES = 10_000

/** How many answers are asked for; a sentence where that is no sensible number. */
export function readChoices(value: unknown, name: string): number | Invalid {
  if (value === undefined || value === null) return 1
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= MOST_CHOICES) return value
  return invalid(`"${name}" is ${JSON.stringify(value)?.slice(0, 40)}, but must be a whole number from 1 to ${MOST_CHOICES}.`)
}
