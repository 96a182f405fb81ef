/** Reads what RFC 4180 describes, strictly: lines of cells. */
export function readCsv(text: string): string[][] {
  const lines: string[][] = []
  let [cells, place]: [string[], number] = [[], 0]
  while (place < text.length) {
    const match = /"((?:[^"]|"")*)"|[^",\r\n]*/y
    match.lastIndex = place
    const [found = '', quoted] = match.exec(text) ?? []
    cells.push(quoted === undefined ? found : quoted.replaceAll('""', '"'))
    place += found.length
    if (text[place] === ',') place += 1
    else if (text.startsWith('\r\n', place)) {
      lines.push(cells)
      ;[cells, place] = [[], place + 2]
    } else throw new Error(`no CSV at ${place}: ${JSON.stringify(text.slice(place, place + 20))}`)
  }
  return lines
}

/** The lines after the first as objects by its names. */
export function readTable(text: string): Record<string, string>[] {
  const [names = [], ...lines] = readCsv(text)
  return lines.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])))
}
