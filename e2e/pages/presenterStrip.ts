import { expect, type Locator, type Page } from '@playwright/test'

/** What only a presenter sees while there is a demo. */
export class PresenterStrip {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get region(): Locator {
    return this.page.getByRole('region', { name: 'Presenter' })
  }

  button(name: string | RegExp): Locator {
    return this.region.getByRole('button', { name, exact: typeof name === 'string' })
  }

  get speed(): Locator {
    return this.region.getByRole('combobox', { name: 'Speed' })
  }

  get menu(): Locator {
    return this.page.getByRole('dialog', { name: 'Triggers' })
  }

  async openMenu(): Promise<void> {
    await this.button('Triggers').click()
    await expect(this.menu).toBeVisible()
  }

  /** One of what is made to happen, in the menu. */
  trigger(title: string): Locator {
    return this.menu.getByRole('group', { name: title })
  }

  async skipTo(lead: number): Promise<void> {
    await this.region.getByRole('textbox', { name: /^Skip to lead/ }).fill(String(lead))
    await this.button('Skip').click()
  }

  async reset(): Promise<void> {
    await this.button('Reset').click()
    await this.page.getByRole('alertdialog', { name: 'Reset the demo?' }).getByRole('button', { name: 'Reset' }).click()
    await expect(this.region).toBeHidden()
  }
}
