import { AppError, type JsonValue } from '../../shared/errors.ts'

/** Deeper than any honest document, and shallow enough for every walk over it. */
const DEEPEST = 100

/** Reads what came over a wire; refuses what could hurt those who handle it further in. */
export function readJson(text: string): JsonValue {
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    throw new AppError('INVALID_INPUT', 'That is not JSON.')
  }
  requireHarmless(value)
  return value
}

function requireHarmless(value: JsonValue): void {
  let level: JsonValue[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new AppError('INVALID_INPUT', `That JSON is nested more than ${DEEPEST} levels deep.`)
    const next: JsonValue[] = []
    for (const parent of level) {
      if (typeof parent !== 'object' || parent === null) continue
      if (Object.hasOwn(parent, '__proto__')) throw new AppError('INVALID_INPUT', '"__proto__" is no key that this room takes.')
      for (const child of Object.values(parent)) if (typeof child === 'object' && child !== null) next.push(child)
    }
    level = next
  }
}
