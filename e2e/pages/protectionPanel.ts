import type { Locator } from '@playwright/test'
import { PanelPane } from './panelPane.ts'

/** What was found of the agent in front, the rules, and what can be done about both. */
export class ProtectionPanel extends PanelPane {
  /** The figure under one of the three titles, with the word beside it. */
  counter(title: 'PII blocked' | 'Unauthorised actions' | 'Injection attempts'): Locator {
    return this.region
      .getByRole('region', { name: 'Protection figures' })
      .locator('dl > div')
      .filter({ has: this.page.getByText(title, { exact: true }) })
      .locator('dd')
  }

  get rows(): Locator {
    return this.page.getByRole('list', { name: 'Findings, newest first' }).getByRole('button')
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog')
  }

  /** What is asked before something grave. */
  get question(): Locator {
    return this.page.getByRole('alertdialog')
  }

  get original(): Locator {
    return this.dialog.getByLabel('The original')
  }

  /** `email to-model`. */
  cell(name: string): Locator {
    return this.dialog.locator(`[data-cell="${name}"]`)
  }

  async switchTo(mode: 'Redact' | 'Block' | 'Warn'): Promise<void> {
    await this.region.getByRole('group', { name: 'Safety mode' }).getByRole('button', { name: mode }).click()
  }

  async press(name: string): Promise<void> {
    await this.dialog.getByRole('button', { name, exact: true }).click()
  }
}
