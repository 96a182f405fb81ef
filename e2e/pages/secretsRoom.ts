import type { Locator, Page } from '@playwright/test'

export interface NewSecret {
  readonly name: string
  readonly value: string
  readonly environment: 'Development' | 'Staging' | 'Production'
}

/** The secrets of the room, beside a terminal or over all of it. */
export class SecretsRoom {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Brings it where the performance stands. */
  get tab(): Locator {
    return this.page.getByRole('group', { name: 'Performance or secrets' }).getByRole('button', { name: 'Secrets' })
  }

  /** The panel, or the whole room. */
  get region(): Locator {
    return this.page.getByRole('region', { name: 'Secrets', exact: true }).first()
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog')
  }

  /** What is asked before something grave. */
  get question(): Locator {
    return this.page.getByRole('alertdialog')
  }

  /** `OPENAI_API_KEY` and its environment, where they fill the room. */
  row(name: string, environment?: string): Locator {
    return this.region.getByRole('row').filter({ has: this.page.getByText(name, { exact: true }), ...(environment === undefined ? {} : { hasText: environment }) })
  }

  value(name: string): Locator {
    return this.page.getByLabel(`Value of ${name}`)
  }

  action(word: 'Reveal' | 'Hide' | 'Edit' | 'Delete' | 'Restore', place: string): Locator {
    return this.region.getByRole('button', { name: `${word} ${place}` })
  }

  async openOverTheRoom(): Promise<void> {
    await this.page.getByRole('banner').getByRole('button', { name: /^Secrets/ }).click()
  }

  async press(name: string): Promise<void> {
    await this.dialog.getByRole('button', { name, exact: true }).click()
  }

  async add({ name, value, environment }: NewSecret): Promise<void> {
    await this.region.getByRole('button', { name: 'Add' }).click()
    await this.dialog.getByLabel('Name').fill(name)
    await this.dialog.getByLabel('Environment', { exact: true }).selectOption(environment)
    await this.dialog.getByLabel('Value', { exact: true }).fill(value)
    await this.press('Add')
  }

  async more(place: string, item: string): Promise<void> {
    await this.region.getByRole('button', { name: `More of ${place}` }).click()
    await this.page.getByRole('menuitem', { name: item }).click()
  }

  async importOrExport(item: 'Import…' | 'Export…'): Promise<void> {
    await this.region.getByRole('button', { name: 'Import and export' }).click()
    await this.page.getByRole('menuitem', { name: item }).click()
  }
}
