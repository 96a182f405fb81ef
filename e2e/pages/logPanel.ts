import { expect, type Locator } from '@playwright/test'
import { PanelPane } from './panelPane.ts'

/** What has happened, a line for each event. */
export class LogPanel extends PanelPane {
  get list(): Locator {
    return this.region.getByRole('list', { name: 'Event log, newest last' })
  }

  /** Those in sight and a few about them: it draws no more. */
  get rows(): Locator {
    return this.list.getByRole('button', { expanded: false })
  }

  row(words: string | RegExp): Locator {
    return this.list.getByRole('listitem').filter({ hasText: words })
  }

  /** A list that can be moved through with the keys. */
  get scroller(): Locator {
    return this.region.getByRole('group', { name: /^Events, / })
  }

  get search(): Locator {
    return this.region.getByRole('searchbox', { name: 'Search in events' })
  }

  get count(): Locator {
    return this.figure('events')
  }

  severity(word: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'): Locator {
    return this.region.getByRole('group', { name: 'Severities that are shown' }).getByRole('button', { name: word })
  }

  button(name: string | RegExp): Locator {
    return this.region.getByRole('button', { name })
  }

  async unfold(words: string | RegExp): Promise<Locator> {
    const row = this.row(words).first()
    await row.getByRole('button').first().click()
    await expect(row.getByText('Number', { exact: true })).toBeVisible()
    return row
  }

  async exportAs(kind: 'JSON lines' | 'CSV'): Promise<string> {
    const waiting = this.page.waitForEvent('download')
    await this.button('Export').click()
    await this.page.getByRole('menuitem', { name: kind }).click()
    return (await waiting).path()
  }
}
