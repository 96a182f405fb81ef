import { stripVTControlCharacters } from 'node:util'

/** What a terminal's output reads like on paper: no colours, and a line rewritten with a carriage return counts as its last version. */
export function plainLines(output: string): string[] {
  const lines = withoutControls(output).split('\n').map(lastVersion)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Titles and links that nothing ends are no such: for each of them Node would look through all that follows. */
function withoutControls(output: string): string {
  const ended = Math.max(...['\u0007', '\u001b\\', '\u009c'].map((end) => (output.includes(end) ? output.lastIndexOf(end) + end.length : 0)))
  return stripVTControlCharacters(output.slice(0, ended)) + stripVTControlCharacters(output.slice(ended).replaceAll('\u001b]', '\u001b['))
}

/** By hand: a pattern that is tried at each of a million carriage returns takes hours. */
function lastVersion(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}
