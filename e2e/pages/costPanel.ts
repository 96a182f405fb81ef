import type { Locator } from '@playwright/test'

/** What an agent has spent, of how much, and what it will come to. */
export class CostPanel {
  readonly region: Locator

  constructor(region: Locator) {
    this.region = region
  }

  get meter(): Locator {
    return this.region.getByRole('meter', { name: 'Budget used' })
  }

  get exportButton(): Locator {
    return this.region.getByRole('button', { name: 'Export CSV' })
  }
}
