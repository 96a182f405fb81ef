import { expect, type Locator } from '@playwright/test'
import type { Host } from '../hosts/host.ts'

/** What would run, before it does. */
export class LaunchCard {
  readonly host: Host

  constructor(host: Host) {
    this.host = host
  }

  get dialog(): Locator {
    return this.host.page.getByRole('dialog', { name: /^Start / })
  }

  get budget(): Locator {
    return this.dialog.getByLabel('Budget')
  }

  get environment(): Locator {
    return this.dialog.getByLabel('Environment')
  }

  get interpreter(): Locator {
    return this.dialog.getByLabel('Interpreter')
  }

  get workingFolder(): Locator {
    return this.dialog.getByLabel('Working folder')
  }

  get provider(): Locator {
    return this.dialog.getByLabel('LLM calls')
  }

  get atLimit(): Locator {
    return this.dialog.getByLabel('At the limit')
  }

  get restartRule(): Locator {
    return this.dialog.getByLabel('Restart rule')
  }

  get problem(): Locator {
    return this.dialog.getByRole('alert')
  }

  get startButton(): Locator {
    return this.dialog.getByRole('button', { name: 'Start' })
  }

  get secrets(): Locator {
    return this.dialog.getByRole('region', { name: 'Secrets it will get' })
  }

  /** Where the value of a field comes from. */
  origin(field: string): Locator {
    return this.dialog.locator(`#launch-${field}-origin`)
  }

  async reset(field: string): Promise<void> {
    await this.dialog.locator(`button[aria-describedby="launch-${field}-label"]`).click()
  }

  safetyMode(mode: 'Redact' | 'Block' | 'Warn'): Locator {
    return this.dialog.getByRole('group', { name: 'Safety mode' }).getByRole('radio', { name: mode })
  }

  async start(): Promise<void> {
    await expect(this.startButton).toBeEnabled()
    await this.startButton.click()
    await expect(this.dialog).toBeHidden()
  }

  async cancel(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Cancel' }).click()
    await expect(this.dialog).toBeHidden()
  }
}
