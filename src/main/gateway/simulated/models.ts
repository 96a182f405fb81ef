import { jsonAnswer, type Answer } from './answer.ts'
import type { Answering } from './answering.ts'

const OPENAI: readonly (readonly [id: string, created: number])[] = [
  ['gpt-4', 1_687_882_411],
  ['gpt-3.5-turbo', 1_677_610_602],
  ['gpt-4o', 1_715_367_049],
  ['gpt-4o-mini', 1_721_172_741],
  ['gpt-4.1', 1_744_316_542],
  ['gpt-4.1-mini', 1_744_318_173],
  ['gpt-5', 1_754_425_777],
  ['gpt-5-mini', 1_754_425_928],
  ['text-embedding-3-small', 1_705_948_997],
  ['text-embedding-3-large', 1_705_953_180],
]

const ANTHROPIC: readonly (readonly [id: string, name: string, createdAt: string])[] = [
  ['claude-opus-4-6', 'Claude Opus 4.6', '2026-02-04T00:00:00Z'],
  ['claude-sonnet-4-6', 'Claude Sonnet 4.6', '2026-02-17T00:00:00Z'],
  ['claude-haiku-4-5-20251001', 'Claude Haiku 4.5', '2025-10-15T00:00:00Z'],
]

/** The list, or the one that the path names; any other model is answered for, but not listed. */
export function answerModels(path: string, answering: Answering): Answer {
  const wanted = /\/models\/([^?]+)/.exec(path)?.[1]
  return answering.provider === 'openai' ? openaiModels(wanted, answering) : anthropicModels(wanted, path, answering)
}

function openaiModels(wanted: string | undefined, { reject, headers }: Answering): Answer {
  const data = OPENAI.map(([id, created]) => ({ id, object: 'model', created, owned_by: 'openai' }))
  if (wanted === undefined) return jsonAnswer({ object: 'list', data }, 200, headers)
  const model = data.find(({ id }) => id === wanted)
  if (model) return jsonAnswer(model, 200, headers)
  return reject({
    message: `The model '${wanted}' does not exist or you do not have access to it.`,
    status: 404,
    param: 'model',
    code: 'model_not_found',
  })
}

function anthropicModels(wanted: string | undefined, path: string, { reject, headers }: Answering): Answer {
  const data = ANTHROPIC.map(([id, name, createdAt]) => ({ type: 'model', id, display_name: name, created_at: createdAt }))
  if (wanted !== undefined) {
    const model = data.find(({ id }) => id === wanted)
    return model ? jsonAnswer(model, 200, headers) : reject({ message: `model: ${wanted}`, status: 404, type: 'not_found_error' })
  }
  // A client that turns the page after the last one comes to its end.
  const after = /[?&]after_id=([^&]+)/.exec(path)?.[1]
  const page = after === undefined ? data : data.slice(data.findIndex(({ id }) => id === after) + 1)
  const [first, last] = [page[0]?.id ?? null, page.at(-1)?.id ?? null]
  return jsonAnswer({ data: page, has_more: false, first_id: first, last_id: last }, 200, headers)
}
