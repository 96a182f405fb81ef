import type { Locator, Page } from '@playwright/test'

/** The LLM calls of the agent in front, and the receipt of one of them. */
export class RequestList {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get rows(): Locator {
    return this.page.getByRole('list', { name: 'Requests, newest first' }).getByRole('button')
  }

  get receiptDialog(): Locator {
    return this.page.getByRole('dialog')
  }

  get receipt(): Locator {
    return this.receiptDialog.getByRole('region', { name: 'Receipt' })
  }

  /** A line of the receipt by its part: part, count, price of a million, amount. */
  line(part: string): Locator {
    return this.receipt.getByRole('row').filter({ has: this.page.getByRole('cell', { name: part, exact: true }) }).getByRole('cell')
  }
}
