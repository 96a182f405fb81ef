import { AppError } from '../../shared/errors.ts'

/** Reads a line of arguments as people type it: spaces part, quotes hold together, a backslash takes the next sign as it is. */
export function splitArguments(line: string): string[] {
  const found: string[] = []
  let current: string | null = null
  let quote: string | null = null

  for (let at = 0; at < line.length; at++) {
    const sign = line.charAt(at)
    if (quote !== null && sign === quote) {
      quote = null
    } else if (sign === '\\' && quote !== "'" && at + 1 < line.length) {
      // Before anything but these it is itself, so that C:\agents\data survives.
      const next = line.charAt(at + 1)
      const isEscape = next === '\\' || next === '"' || (quote === null && (next === "'" || next === ' '))
      if (isEscape) at++
      current = (current ?? '') + (isEscape ? next : sign)
    } else if (quote === null && (sign === '"' || sign === "'")) {
      quote = sign
      current ??= ''
    } else if (quote === null && /\s/.test(sign)) {
      if (current !== null) found.push(current)
      current = null
    } else {
      current = (current ?? '') + sign
    }
  }

  if (quote !== null) throw new AppError('INVALID_INPUT', `The arguments have an opening ${quote} without its closing one.`)
  if (current !== null) found.push(current)
  return found
}

/** The same line back, as it would be typed. */
export function joinArguments(args: readonly string[]): string {
  return args.map((one) => (/^[^\s"'\\]+$/.test(one) ? one : `"${one.replace(/["\\]/g, '\\$&')}"`)).join(' ')
}
