import { expect, type Locator, type Page } from '@playwright/test'

export type PanelTitle = 'Live metrics' | 'Cost' | 'Protection' | 'Performance' | 'Event log' | 'Notifications' | 'Secrets'

/** One of the room's panels, among the others or with the room of all of them. */
export class PanelPane {
  readonly page: Page
  readonly title: PanelTitle

  constructor(page: Page, title: PanelTitle) {
    this.page = page
    this.title = title
  }

  /** What is within it may be called the same; the panel is the outermost. */
  get region(): Locator {
    return this.page.getByRole('main').getByRole('region', { name: this.title, exact: true }).first()
  }

  get enlargeButton(): Locator {
    return this.region.getByRole('button', { name: `Enlarge ${this.title}` })
  }

  get backButton(): Locator {
    return this.region.getByRole('button', { name: 'Back to all panels' })
  }

  /** Of the panel as it is now: `progress`, `p95`, … */
  figure(key: string): Locator {
    return this.region.locator(`[data-figure="${key}"]`)
  }

  async enlarge(): Promise<void> {
    await this.enlargeButton.click()
    await expect(this.backButton).toBeVisible()
  }

  async shrink(): Promise<void> {
    await this.backButton.click()
    await expect(this.enlargeButton).toBeVisible()
  }
}
