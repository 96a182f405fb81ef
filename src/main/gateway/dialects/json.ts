/** Reading JSON that somebody else made: every look is guarded, nothing throws, nothing recurses. */
export type JsonObject = Readonly<Record<string, unknown>>

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Beyond it a count of tokens is nonsense, and sums would leave what numbers hold exactly. */
const MOST_TOKENS = 100_000_000

/** A count as providers report it; null for anything else. */
export function asCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_TOKENS ? value : null
}

/** A positive whole number, or null. */
export function asPositive(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}

/** The value as JSON, for counting; deep nesting cannot overflow anything. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    return deepJsonText(value)
  }
}

/** Ten times as slow, and as deep as you like. */
function deepJsonText(value: unknown): string {
  const pieces: string[] = []
  const rest: unknown[] = [value]
  while (rest.length > 0) {
    const next = rest.pop()
    if (next instanceof Literal) pieces.push(next.text)
    else if (Array.isArray(next)) {
      pieces.push('[')
      rest.push(new Literal(']'))
      for (let index = next.length - 1; index >= 0; index--) rest.push(...(index > 0 ? [next[index], COMMA] : [next[index]]))
    } else if (typeof next === 'object' && next !== null) {
      pieces.push('{')
      rest.push(new Literal('}'))
      const entries = Object.entries(next)
      for (let index = entries.length - 1; index >= 0; index--) {
        const [key, inner] = entries[index] ?? ['', null]
        rest.push(inner, new Literal(`${index > 0 ? ',' : ''}${JSON.stringify(key)}:`))
      }
    } else pieces.push(JSON.stringify(next ?? null))
  }
  return pieces.join('')
}

class Literal {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
const COMMA = new Literal(',')

/** Shows every object within, the value itself among them. */
export function visitObjects(value: unknown, visit: (object: JsonObject) => void): void {
  const rest: object[] = []
  const take = (inner: unknown): void => {
    if (typeof inner === 'object' && inner !== null) rest.push(inner)
  }
  take(value)
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (Array.isArray(next)) {
      for (const inner of next) take(inner)
      continue
    }
    const object = next as JsonObject
    visit(object)
    // The names of JSON are all its own.
    for (const name in object) take(object[name])
  }
}
