import { expect, type Browser, type Page } from '@playwright/test'
import type { Host } from './hosts/host.ts'
import { askAsOwner } from './hosts/roomProcess.ts'
import { RoomPage } from './pages/roomPage.ts'

export const PASSWORD = 'an invented password'

/** Somebody else, in a browser of their own. */
export async function signIn(browser: Browser, host: Host, name: string, role: 'admin' | 'viewer'): Promise<Page> {
  await askAsOwner(host.dataFolder, 'POST', '/users', { name, role, password: PASSWORD })
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 820 }, locale: 'en-US' })).newPage()
  await page.goto(`${host.apiUrl}/sign-in`)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('banner')).toBeVisible()
  return page
}

/** The room as they see it. */
export const roomOf = (host: Host, page: Page): RoomPage => new RoomPage({ ...host, page, kind: 'browser' })
