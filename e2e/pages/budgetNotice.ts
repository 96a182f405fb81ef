import { expect, type Locator, type Page } from '@playwright/test'

/** What somebody has to decide about a budget, and the dialogs in which it is decided. */
export class BudgetNotice {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Between an agent's head and its panels, as long as a call waits; before that it is among the notices. */
  get banner(): Locator {
    return this.page.getByRole('main').getByRole('region', { name: 'Budget notice' })
  }

  /** Wherever it stands first. */
  get region(): Locator {
    return this.page.getByRole('region', { name: 'Budget notice' }).first()
  }

  get approveButton(): Locator {
    return this.region.getByRole('button', { name: /^Approve \$\S+ increase$/ })
  }

  get declineButton(): Locator {
    return this.region.getByRole('button', { name: 'Decline' })
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog')
  }

  get increase(): Locator {
    return this.dialog.getByLabel('Or another sum')
  }

  get reason(): Locator {
    return this.dialog.getByLabel('Reason')
  }

  async confirm(decision: 'Approve' | 'Decline'): Promise<void> {
    await this.dialog.getByRole('button', { name: decision, exact: true }).click()
    await expect(this.dialog).toBeHidden()
  }
}
