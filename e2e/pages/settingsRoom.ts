import { expect, type Locator, type Page } from '@playwright/test'

/** The settings of the room, as an admin finds them. */
export class SettingsRoom {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get button(): Locator {
    return this.page.getByRole('banner').getByRole('button', { name: 'Settings', exact: true })
  }

  get region(): Locator {
    return this.page.getByRole('region', { name: 'Settings', exact: true })
  }

  get status(): Locator {
    return this.region.getByRole('status').last()
  }

  get saveButton(): Locator {
    return this.region.getByRole('button', { name: 'Save', exact: true })
  }

  get sections(): Locator {
    return this.region.getByRole('navigation').getByRole('button')
  }

  section(title: string): Locator {
    return this.sections.filter({ hasText: title })
  }

  /** A setting by its key, with its field and all that is said of it. */
  setting(key: string): Locator {
    return this.region.locator(`[data-setting="${key}"]`)
  }

  async open(section: string): Promise<void> {
    if (!(await this.region.isVisible())) await this.button.click()
    await this.section(section).click()
    await expect(this.region.getByRole('heading', { name: section, level: 2 })).toBeVisible()
  }

  async save(): Promise<void> {
    await this.saveButton.click()
    await expect(this.status).toHaveText(/^\s*\d+ changes? saved\s*$/)
  }
}
