import { expect, type Locator, type Page } from '@playwright/test'

/** What the demo is and how it will go, before it does. */
export class DemoCard {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog', { name: 'Run the demo' })
  }

  get startButton(): Locator {
    return this.dialog.getByRole('button', { name: 'Start', exact: true })
  }

  get refusal(): Locator {
    return this.dialog.getByRole('alert')
  }

  get engine(): Locator {
    return this.dialog.getByRole('region', { name: 'What the agent is made with' })
  }

  speed(name: 'On stage' | 'Rehearsal' | 'As fast as it can'): Locator {
    return this.dialog.getByRole('radio', { name })
  }

  /** Whether it will happen. */
  trigger(title: string): Locator {
    return this.dialog.getByRole('checkbox', { name: title })
  }

  /** At which lead. */
  lead(title: string): Locator {
    return this.dialog.getByRole('textbox', { name: `${title}, at lead` })
  }

  /** As it comes, or at another speed. */
  async start(speed?: 'On stage' | 'Rehearsal' | 'As fast as it can'): Promise<void> {
    if (speed) await this.speed(speed).check()
    await expect(this.startButton).toBeEnabled()
    await this.startButton.click()
    await expect(this.dialog).toBeHidden()
  }
}
