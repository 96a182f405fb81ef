/** The words of a command as a shell splits them: quotes group, a remark and a redirection end it. */
export function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [, single, double, plain] of line.matchAll(/'([^']*)'|"([^"]*)"|((?:\\.|[^\s'"])+)/g)) {
    if (plain !== undefined && /^(?:#|[<>|&;])/.test(plain)) break
    words.push(single ?? double ?? plain!.replace(/\\(.)/g, '$1').replace(/[;)]+$/, ''))
  }
  return words
}

/** The calls of iron_cage in a block, those within others too: `ID=$(iron_cage list --json | …)`. */
export function commandLines(code: string): string[] {
  const whole = code.replace(/\\\n\s*/g, ' ')
  return [...whole.matchAll(/(?:^|[|;&(]) *((?:[A-Z_]+=\S+ +)?iron_cage (?:'[^']*'|"[^"]*"|[^|;&)\n'"])*)/gm)].map(([, found]) => found!.trim().replace(/^(?:[A-Z_]+=\S+ +)+/, ''))
}
