import type { Locator, Page } from '@playwright/test'

/** What an agent calls besides models, how fast it works, and where it went. */
export class ServicesTab {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get tab(): Locator {
    return this.page.getByRole('tab', { name: /^Services/ })
  }

  get region(): Locator {
    return this.page.getByRole('region', { name: 'Services', exact: true })
  }

  service(name: string): Locator {
    return this.region.locator(`[data-service="${name}"]`)
  }

  figure(key: string): Locator {
    return this.region.locator(`[data-figure="${key}"]`)
  }

  async open(): Promise<void> {
    await this.tab.click()
  }
}
