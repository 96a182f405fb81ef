import { printable } from '../../shared/printable.ts'

/** Columns as wide as their widest cell; the last one is left as it is. No cell ends its line, or moves the cursor. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(printable))
  const widths = head.map((_title, column) => lines.reduce((widest, cells) => Math.max(widest, (cells[column] ?? '').length), 0))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')
  return `${lines.map(line).join('\n')}\n`
}
