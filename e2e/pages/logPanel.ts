import type { Locator } from '@playwright/test'
import { PanelPane } from './panelPane.ts'

/** What has happened, a line for each event. */
export class LogPanel extends PanelPane {
  get list(): Locator {
    return this.region.getByRole('list', { name: 'Event log, newest last' })
  }

  /** Those in sight and a few about them: it draws no more. */
  get rows(): Locator {
    return this.list.getByRole('button')
  }
}
