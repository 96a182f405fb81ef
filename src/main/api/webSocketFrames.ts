import type { JsonValue } from '../../shared/errors.ts'

export type ItemWriter = (id: number, item: JsonValue) => Buffer

/**
 * Writes stream items down. One batch of events goes to every viewer as the same object: it is turned into text once,
 * and into bytes once for each stream id that viewers gave it, however many there are.
 */
export function createItemWriter(): ItemWriter {
  const written = new WeakMap<object, { text: string; messages: Map<number, Buffer> }>()

  return (id, item) => {
    if (typeof item !== 'object' || item === null) return Buffer.from(messageText(id, JSON.stringify(item)))
    let known = written.get(item)
    if (!known) {
      known = { text: JSON.stringify(item), messages: new Map() }
      written.set(item, known)
    }
    let message = known.messages.get(id)
    if (!message) {
      message = Buffer.from(messageText(id, known.text))
      known.messages.set(id, message)
    }
    return message
  }
}

function messageText(id: number, item: string): string {
  return `{"id":${id},"item":${item}}`
}
