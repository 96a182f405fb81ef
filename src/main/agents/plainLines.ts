import { stripVTControlCharacters } from 'node:util'

/** What a terminal's output reads like on paper: no colours, and a line rewritten with a carriage return counts as its last version. */
export function plainLines(output: string): string[] {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => lastVersion(line.replace(/\r+$/, '')))
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function lastVersion(line: string): string {
  return line.slice(line.lastIndexOf('\r') + 1)
}
