/** The shortest that is looked for: `true` and `1234` would tear holes into every sentence. */
const SHORTEST = 8
/** A line of a value of many lines, such as a private key: terminals and JSON break them in ways of their own. */
const SHORTEST_LINE = 16

/** What is to be kept out of everything that is shown, of values that are private. */
export function worthHiding(values: readonly string[]): string[] {
  const found = new Set<string>()
  for (const value of values) {
    if (value.trim().length >= SHORTEST) found.add(value)
    if (!value.includes('\n')) continue
    for (const line of value.split(/\r?\n/)) if (line.trim().length >= SHORTEST_LINE && !/^-+[A-Z ]+-+$/.test(line)) found.add(line)
  }
  return [...found]
}
