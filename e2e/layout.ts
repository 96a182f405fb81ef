import type { Page } from '@playwright/test'

/** How the page lies on the screen, measured in the page itself. */

/** What stands outside of the window or of the box that cuts it off; a box that scrolls and a text with an ellipsis are no such thing. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const scrolls = (style: CSSStyleDeclaration): boolean => /auto|scroll/.test(style.overflowX + style.overflowY)
    /** Words for ears alone are one pixel large. */
    const isForEars = (element: HTMLElement): boolean => element.offsetWidth <= 1 && element.offsetHeight <= 1
    const isSpoken = (element: HTMLElement): boolean => element.closest('.sr-only, [aria-hidden="true"], .xterm') !== null || isForEars(element)
    const say = (element: Element, what: string): void => {
      const words = (element.getAttribute('aria-label') ?? element.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 60)
      found.push(`${what}: ${element.tagName.toLowerCase()} "${words}"`)
    }
    const hasOwnText = (element: Element): boolean => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())

    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push('the page scrolls sideways')
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      if (isSpoken(element) || element.getClientRects().length === 0) continue
      const style = getComputedStyle(element)
      if (scrolls(style) && element.scrollWidth > element.clientWidth + 1 && style.overflowX !== 'hidden' && !element.matches('.overflow-x-auto')) say(element, 'scrolls sideways')
      if (!hasOwnText(element) && !element.matches('button, input, select, a[href], [role="progressbar"], [role="meter"]')) continue
      const box = element.getBoundingClientRect()
      if (box.width === 0 || box.height === 0) continue
      if (style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none' && element.scrollWidth > element.clientWidth + 1) say(element, 'its words are cut off')
      let left = 0
      let right = innerWidth
      let top = 0
      let bottom = innerHeight
      for (let parent = element.parentElement; parent; parent = parent.parentElement) {
        const look = getComputedStyle(parent)
        const bounds = parent.getBoundingClientRect()
        // Whatever is further out can be scrolled to.
        if (scrolls(look)) {
          top = bottom = Number.NaN
          if (look.overflowX !== 'hidden') left = right = Number.NaN
          else [left, right] = [Math.max(left, bounds.left), Math.min(right, bounds.right)]
          if (look.overflowX !== 'hidden') break
          continue
        }
        if (look.overflowX === 'visible' && look.overflowY === 'visible') continue
        ;[left, right, top, bottom] = [Math.max(left, bounds.left), Math.min(right, bounds.right), Math.max(top, bounds.top), Math.min(bottom, bounds.bottom)]
      }
      if (box.left < left - 1 || box.right > right + 1 || box.top < top - 1 || box.bottom > bottom + 1) say(element, 'is cut off')
    }
    return found
  })
}

/** What has more in it than can be seen at once, of what should show all of it. */
export function scrolling(page: Page, selector: string): Promise<string[]> {
  return page.evaluate(
    (selected) =>
      [...document.querySelectorAll<HTMLElement>(selected)]
        .filter((element) => element.getClientRects().length > 0 && element.scrollHeight > element.clientHeight + 1)
        .map((element) => `${element.closest('[data-panel]')?.getAttribute('data-panel') ?? element.tagName.toLowerCase()} by ${element.scrollHeight - element.clientHeight} px`),
    selector,
  )
}

/** A map of the window: each letter is what lies in the middle of its cell. */
export function mapOf(page: Page, letters: Readonly<Record<string, string>>, columns: number, rows: number): Promise<string[]> {
  return page.evaluate(
    ([named, across, down]) => {
      const areas = Object.entries(named).flatMap(([letter, selector]) => [...document.querySelectorAll(selector)].map((element) => ({ letter, box: element.getBoundingClientRect() })))
      return Array.from({ length: down }, (_row, row) =>
        Array.from({ length: across }, (_column, column) => {
          const x = ((column + 0.5) / across) * innerWidth
          const y = ((row + 0.5) / down) * innerHeight
          return areas.findLast(({ box }) => x >= box.left && x < box.right && y >= box.top && y < box.bottom)?.letter ?? '.'
        }).join(''),
      )
    },
    [letters, columns, rows] as const,
  )
}
