import type { Locator } from '@playwright/test'
import { PanelPane } from './panelPane.ts'

/** How fast an agent works, what it calls besides models, and where it went. */
export class PerformancePanel extends PanelPane {
  service(name: string): Locator {
    return this.region.locator(`[data-service="${name}"]`)
  }
}
