/** What of a terminal the view needs: xterm.js itself, in the room. */
export interface Scrolled {
  readonly buffer: { readonly active: { readonly viewportY: number; readonly baseY: number } }
  onScroll(listener: () => void): unknown
  onLineFeed(listener: () => void): unknown
  scrollLines(amount: number): void
}

export interface ViewHold {
  /** Lines that came while somebody looked at earlier ones. */
  unseen(): number
  isAtEnd(): boolean
  readonly isHeld: boolean
  /** Held, the view stays where it is, at the end too, whatever comes. */
  hold(isHeld: boolean): void
}

/** Whoever scrolls back is left there by xterm.js; at the end the view follows, unless it is held. */
export function createViewHold(terminal: Scrolled): ViewHold {
  let isHeld = false
  let unseen = 0
  /** How often the view has followed since the last line feed: a long line takes several rows. */
  let followed = 0

  const isAtEnd = (): boolean => terminal.buffer.active.viewportY >= terminal.buffer.active.baseY

  terminal.onScroll(() => {
    if (isHeld && isAtEnd()) followed += 1
  })
  terminal.onLineFeed(() => {
    const steps = Math.min(followed, terminal.buffer.active.baseY)
    followed = 0
    if (isHeld && steps > 0 && isAtEnd()) terminal.scrollLines(-steps)
    unseen = isAtEnd() ? 0 : unseen + 1
  })

  return {
    unseen() {
      if (isAtEnd()) unseen = 0
      return unseen
    },
    isAtEnd,
    get isHeld() {
      return isHeld
    },
    hold(held) {
      isHeld = held
      followed = 0
    },
  }
}
