/** F6 walks the parts of the room, as it does in every window with panes; it is also the way out of a terminal. */
export function focusNextRegion(root: HTMLElement, isBackwards: boolean): void {
  const regions = [...root.querySelectorAll<HTMLElement>('[data-pane]')].filter((region) => region.offsetParent !== null)
  if (regions.length === 0) return
  const current = regions.findIndex((region) => region.contains(document.activeElement))
  const step = isBackwards ? -1 : 1
  const from = current === -1 && isBackwards ? 0 : current
  const next = regions[(from + step + regions.length) % regions.length]
  const target = next?.querySelector<HTMLElement>(
    '.xterm-helper-textarea, button:not(:disabled), [href], input:not([type="file"]), select, [tabindex="0"]',
  )
  target?.focus()
}
