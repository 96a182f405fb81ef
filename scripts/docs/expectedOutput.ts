/**
 * The first line of what a document shows that a program did not say in this order; null where all of it came. `…` stands for anything, alone on a
 * line for any lines; ids, times of day, and lengths of time are those of the moment. Lines of the log come between those of an agent as they
 * may: where a document shows none, none is looked at.
 */
export function missingLine(shown: string, said: string): string | null {
  const isWithLog = shown.split('\n').some((line) => LOG_LINE.test(line))
  const lines = said.split('\n').map((line) => line.trimEnd()).filter((line) => isWithLog || !LOG_LINE.test(line))
  let next = 0
  let mayLeap = true
  for (const line of shown.split('\n').map((one) => one.trimEnd())) {
    if (line === '…') {
      mayLeap = true
      continue
    }
    const pattern = patternOf(line)
    const found = lines.findIndex((one, index) => index >= next && pattern.test(one))
    if (found < 0 || (!mayLeap && found !== next)) return line
    next = found + 1
    mayLeap = false
  }
  return null
}

const LOG_LINE = /^\[\d\d:\d\d:\d\d\] /

const OF_THE_MOMENT: readonly (readonly [RegExp, string])[] = [
  [/…/g, '.*'],
  [/\\\[\d\d:\d\d:\d\d\\\]/g, '\\[\\d\\d:\\d\\d:\\d\\d\\]'],
  // The letters of an agent's id come from its script's name.
  [/\b[a-z]{2}-[0-9a-f]{8}\b/g, '[a-z]{2}-[0-9a-f]{8}'],
  [/\b(find|allow|token|secret|scope|call)-[0-9a-f]{8,}\b/g, '$1-[0-9a-f]+'],
  [/(?<!\d)\d+(?:\\\.\d+)? (?:ms|s|min)\b/g, '[\\d.]+ (?:ms|s|min)'],
]

function patternOf(line: string): RegExp {
  const escaped = line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`^${OF_THE_MOMENT.reduce((text, [what, instead]) => text.replace(what, instead), escaped)}$`)
}
