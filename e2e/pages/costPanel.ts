import type { Locator } from '@playwright/test'
import { PanelPane } from './panelPane.ts'

/** What an agent has spent, of how much, what it will come to, and every call of it. */
export class CostPanel extends PanelPane {
  get meter(): Locator {
    return this.region.getByRole('meter', { name: 'Budget used' })
  }

  get exportButton(): Locator {
    return this.region.getByRole('button', { name: 'Export CSV' })
  }

  model(name: RegExp): Locator {
    return this.region.getByRole('region', { name: 'Cost by model' }).getByRole('row', { name })
  }
}
