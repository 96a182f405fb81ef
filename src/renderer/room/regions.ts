const INPUT = '.xterm-helper-textarea'
const FOCUSABLE = 'button:not(:disabled), [href], input:not([type="file"]):not(:disabled), select:not(:disabled), [tabindex="0"]'

const isShown = (element: HTMLElement): boolean => element.getClientRects().length > 0

/** Where a pane wants the focus: in the terminal that is shown, else at its beginning. */
function targetIn(pane: HTMLElement): HTMLElement | undefined {
  const shown = (selector: string): HTMLElement | undefined => [...pane.querySelectorAll<HTMLElement>(selector)].find(isShown)
  return shown(INPUT) ?? shown(FOCUSABLE)
}

/** F6 walks the parts of the room, as it does in every window with panes; it is also the way out of a terminal. */
export function focusNextRegion(root: HTMLElement, isBackwards: boolean): void {
  const panes = [...root.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => targetIn(pane) !== undefined)
  if (panes.length === 0) return
  const current = panes.findIndex((pane) => pane.contains(document.activeElement))
  const from = current === -1 && isBackwards ? 0 : current
  const next = panes[(from + (isBackwards ? -1 : 1) + panes.length) % panes.length]
  if (next) targetIn(next)?.focus()
}
