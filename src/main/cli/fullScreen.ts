/** What programs such as vim and less say when they take the whole screen, and when they give it back. */
const SWITCH = /\u001b\[\?(?:\d+;)*(?:1049|1047|47)(?:;\d+)*([hl])/g
/** The longest beginning of such a sequence that a piece may end in. */
const BEGINNING = /\u001b(?:\[(?:\?[\d;]{0,24})?)?$/

export interface FullScreenWatch {
  /** Takes the next piece of a program's output; tells whether it has the whole screen after that. */
  after(text: string): boolean
}

export function watchFullScreen(): FullScreenWatch {
  let held = ''
  let isFull = false
  return {
    after(text) {
      const whole = held + text
      held = BEGINNING.exec(whole)?.[0] ?? ''
      if (!whole.includes('\u001b[?')) return isFull
      for (const [, end] of whole.matchAll(SWITCH)) isFull = end === 'h'
      return isFull
    },
  }
}
