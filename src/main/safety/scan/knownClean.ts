import type { Match, Scanner } from './scanner.ts'

const MOST = 2_000
const LONGEST = 128
const NOTHING: readonly Match[] = []
const CLEAN = new WeakMap<Scanner, Set<string>>()

/** For short texts that repeat from call to call: those that are known to hold nothing are not looked through again. */
export function scanOften(scanner: Scanner, text: string): readonly Match[] {
  let known = CLEAN.get(scanner)
  if (known?.has(text)) return NOTHING
  const matches = scanner.scan(text)
  if (matches.length > 0 || text.length > LONGEST) return matches
  if (!known) CLEAN.set(scanner, (known = new Set()))
  // What does repeat is soon known again.
  if (known.size >= MOST) known.clear()
  known.add(text)
  return matches
}
