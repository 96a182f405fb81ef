const WORD = /(?:api[-_ ]?key|secret[-_ ]?(?:access[-_ ]?)?key|access[-_ ]?token|auth[-_ ]?token|password|passwd|secret|token|bearer)["']?\s{0,4}(?::|=|:=|=>)?\s{0,4}(?:\\?["'])?$/i

/** The value of `password: …`, `api_key = "…"`. */
export function findAssigned(text: string, found: (start: number, end: number) => void): void {
  for (const match of text.matchAll(/[:=]\s{0,4}["']?([^\s"',;<>]{8,256})/g)) {
    const start = match.index + match[0].length - (match[1]?.length ?? 0)
    if (!WORD.test(text.slice(Math.max(0, start - 60), start))) continue
    if (!/\d/.test(match[1] ?? '') || !/[A-Za-z]/.test(match[1] ?? '')) continue
    found(start, start + (match[1]?.length ?? 0))
  }
}

export function openAssignment(text: string): number {
  const value = /[^\s"',;<>]{0,256}$/.exec(text.slice(-257))
  const start = text.length - (value?.[0].length ?? 0)
  return WORD.test(text.slice(Math.max(0, start - 60), start)) ? start : text.length
}
