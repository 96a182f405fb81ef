/** How much of an answer is kept to be counted; what comes after it is only measured. */
export const KEPT_CHARACTERS = 1_000_000

export interface OutputText {
  add(text: unknown): void
  readonly characters: number
  text(): string
}

/** Gathers what an answer says, in bounded memory. */
export function createOutputText(): OutputText {
  const pieces: string[] = []
  let kept = 0
  let characters = 0
  return {
    add(text) {
      if (typeof text !== 'string' || text === '') return
      characters += text.length
      if (kept >= KEPT_CHARACTERS) return
      const piece = text.length > KEPT_CHARACTERS - kept ? text.slice(0, KEPT_CHARACTERS - kept) : text
      pieces.push(piece)
      kept += piece.length
    },
    get characters() {
      return characters
    },
    text: () => pieces.join(''),
  }
}
