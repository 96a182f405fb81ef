import type { Locator } from '@playwright/test'

/** An agent's terminal, as one sees it and types into it. */
export class TerminalPane {
  readonly region: Locator

  constructor(region: Locator) {
    this.region = region
  }

  get input(): Locator {
    return this.region.getByRole('textbox', { name: /^Terminal (input|output) of / })
  }

  /** The rows in sight. xterm.js draws them as plain elements; it has no name for them. */
  get rows(): Locator {
    return this.region.locator('.xterm-rows')
  }

  /** The piece of a row that shows this text alone. */
  piece(text: string): Locator {
    return this.rows.locator('span', { hasText: new RegExp(`^${text}\\s*$`) }).first()
  }

  async type(line: string): Promise<void> {
    await this.input.focus()
    await this.input.pressSequentially(line)
    await this.input.press('Enter')
  }

  async press(key: string): Promise<void> {
    await this.input.focus()
    await this.input.press(key)
  }

  /** Clicks on a text in a row, as on a link. */
  async click(text: string): Promise<void> {
    const place = await this.rows.evaluate((rows, wanted) => {
      const walker = document.createTreeWalker(rows, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const start = (node.textContent ?? '').indexOf(wanted)
        if (start < 0) continue
        const range = document.createRange()
        range.setStart(node, start)
        range.setEnd(node, start + wanted.length)
        const { x, y, width, height } = range.getBoundingClientRect()
        return { x: x + width / 2, y: y + height / 2 }
      }
      return null
    }, text)
    if (!place) throw new Error(`The terminal shows no "${text}".`)
    const { mouse } = this.region.page()
    // A link is one as soon as the pointer has come to rest on it.
    await mouse.move(place.x - 3, place.y)
    await mouse.move(place.x, place.y)
    await mouse.click(place.x, place.y)
  }

  /** Turns the wheel: down is positive. */
  async scroll(pixels: number): Promise<void> {
    await this.region.locator('.xterm-screen').hover()
    await this.region.page().mouse.wheel(0, pixels)
  }

  async search(text: string): Promise<void> {
    await this.region.getByRole('button', { name: 'Search in the terminal' }).click()
    await this.region.getByRole('search', { name: 'Search in the terminal' }).getByLabel('Search text').fill(text)
  }

  get searchResult(): Locator {
    return this.region.getByRole('search').getByRole('status')
  }

  /** Columns and rows as the agent was told them last, read from what it printed. */
  async lastSizeTold(): Promise<{ columns: number; rows: number }> {
    const said = [...(await this.rows.innerText()).matchAll(/size (\d+)x(\d+)/g)].at(-1)
    return { columns: Number(said?.[1] ?? 0), rows: Number(said?.[2] ?? 0) }
  }
}
