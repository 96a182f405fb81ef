/** A part of a terminal's output. Positions count UTF-16 units from the beginning of the output. */
export type TerminalPart =
  /** What a reader sees, or what lies hidden in a title, a link, a clipboard or an image. */
  | { readonly kind: 'text'; readonly isHidden: boolean; readonly text: string; readonly start: number }
  /** A control sequence; `reads` is what a reader sees in its place. */
  | { readonly kind: 'control'; readonly start: number; readonly end: number; readonly reads: '' | ' ' | '\n' }
  /** The end of what was hidden. */
  | { readonly kind: 'hiddenEnd'; readonly start: number; readonly end: number }

export interface TerminalSplitter {
  push(data: string, visit: (part: TerminalPart) => void): void
  /** What came of a control sequence that is not whole. */
  readonly unfinished: string
  /** No more will come: what is not whole is text. */
  end(visit: (part: TerminalPart) => void): void
}

const SPECIAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
const ESC = 0x1b
const BACKSLASH = 0x5c
/** Nobody writes a longer sequence; what looks like one is text. */
const LONGEST_SEQUENCE = 4096

/** Tells text from control sequences, wherever the output was cut. */
export function createTerminalSplitter(): TerminalSplitter {
  let carry = ''
  let carryStart = 0
  let isHidden = false

  function split(data: string, base: number, isLast: boolean, visit: (part: TerminalPart) => void): number {
    let at = 0
    while (at < data.length) {
      SPECIAL.lastIndex = at
      const special = SPECIAL.exec(data)?.index ?? data.length
      if (special > at) visit({ kind: 'text', isHidden, text: data.slice(at, special), start: base + at })
      at = special
      if (at >= data.length) break
      const end = sequenceEnd(data, at, isHidden)
      if (end < 0 && !isLast && data.length - at <= LONGEST_SEQUENCE) return at
      if (end < 0) {
        // Its first character says nothing to a reader; the rest is judged anew.
        visit({ kind: 'control', start: base + at, end: base + at + 1, reads: '' })
        at++
        continue
      }
      at = tell(data, at, end, base, visit)
    }
    return data.length
  }

  /** Tells one whole sequence; gives where it ends. */
  function tell(data: string, at: number, end: number, base: number, visit: (part: TerminalPart) => void): number {
    const [start, stop] = [base + at, base + end]
    if (isHidden) {
      if (isHiddenEnd(data, at)) {
        isHidden = false
        visit({ kind: 'hiddenEnd', start, end: stop })
      } else visit({ kind: 'control', start, end: stop, reads: '' })
      return end
    }
    visit({ kind: 'control', start, end: stop, reads: readsAs(data, at, end) })
    isHidden = opensHidden(data, at)
    return end
  }

  return {
    get unfinished() {
      return carry
    },
    push(data, visit) {
      const whole = carry + data
      const cut = split(whole, carryStart, false, visit)
      carry = whole.slice(cut)
      carryStart += cut
    },
    end(visit) {
      const rest = carry
      carry = ''
      split(rest, carryStart, true, visit)
      carryStart += rest.length
      if (isHidden) visit({ kind: 'hiddenEnd', start: carryStart, end: carryStart })
      isHidden = false
    },
  }
}

/** After the sequence that begins at a special character; negative while it is not whole. */
function sequenceEnd(data: string, at: number, isHidden: boolean): number {
  const code = data.charCodeAt(at)
  if (code === 0x9b) return parametersEnd(data, at + 1)
  if (code !== ESC) return at + 1
  const next = data.charCodeAt(at + 1)
  if (Number.isNaN(next)) return -1
  if (isHidden) return next === BACKSLASH ? at + 2 : at + 1
  if (next === 0x5b) return parametersEnd(data, at + 2)
  // Two characters and what comes between: `ESC ( B`, `ESC # 8`.
  let end = at + 1
  while (isBetween(data.charCodeAt(end), 0x20, 0x2f)) end++
  if (end >= data.length) return -1
  return isBetween(data.charCodeAt(end), 0x30, 0x7e) ? end + 1 : at + 1
}

function parametersEnd(data: string, from: number): number {
  let at = from
  while (isBetween(data.charCodeAt(at), 0x20, 0x3f)) at++
  if (at >= data.length) return -1
  // A sequence that is broken off ends before what breaks it.
  return isBetween(data.charCodeAt(at), 0x40, 0x7e) ? at + 1 : at
}

function isBetween(code: number, least: number, most: number): boolean {
  return code >= least && code <= most
}

/** OSC, DCS, SOS, PM and APC take everything up to their terminator. */
function opensHidden(data: string, at: number): boolean {
  const code = data.charCodeAt(at)
  if (code === ESC) return ']P_^X'.includes(data[at + 1] ?? ' ')
  return code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)
}

function isHiddenEnd(data: string, at: number): boolean {
  const code = data.charCodeAt(at)
  return code === 0x07 || code === 0x9c || code === 0x18 || code === 0x1a || (code === ESC && data.charCodeAt(at + 1) === BACKSLASH)
}

/** Colours and the like stand in the way of nobody who reads; what moves the cursor parts what stands on either side. */
function readsAs(data: string, at: number, end: number): '' | ' ' | '\n' {
  const code = data.charCodeAt(at)
  const isCsi = code === 0x9b || (code === ESC && data[at + 1] === '[')
  if (isCsi) {
    const final = data[end - 1] ?? ''
    if (final === 'C') return ' '
    return 'ABDEFGHIJLMSTZ`adefrsu'.includes(final) ? '\n' : ''
  }
  // Line feeds and form feeds in all their spellings, backspace, and jumps to a stored place.
  if (code === 0x0b || code === 0x0c || code === 0x84 || code === 0x85 || code === 0x08) return '\n'
  return code === ESC && 'DEM78c'.includes(data[at + 1] ?? ' ') ? '\n' : ''
}
