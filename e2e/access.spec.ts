import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './fixture.ts'
import { askAsOwner, ownerToken } from './hosts/roomProcess.ts'

test.describe('who may come in', () => {
  test('the owner, with the token from the data folder', async ({ room, host }) => {
    await expect(room.openButton).toBeEnabled()
    const identity = await askAsOwner(host.dataFolder, 'GET', '/identity')
    expect(identity).toMatchObject({ caller: { role: 'admin' }, host: host.kind === 'browser' ? 'browser' : 'desktop', dataFolder: host.dataFolder })
  })

  test('nobody without it, and nobody with another one', async ({ room, host }) => {
    await expect(room.openButton).toBeEnabled()
    const token = ownerToken(host.dataFolder)
    const almost = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')
    for (const headers of [{}, { authorization: `Bearer ${almost}` }, { authorization: `Basic ${token}` }]) {
      const response = await fetch(`${host.apiUrl}/api/agents`, { headers: headers as Record<string, string> })
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHENTICATED' } })
    }
  })

  test('no page from elsewhere, by request or by WebSocket', async ({ room, host, browser }) => {
    test.skip(host.kind === 'desktop', 'It takes a browser beside the window.')
    await expect(room.openButton).toBeEnabled()
    const stranger = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<title>stranger</title>'))
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    const context = await browser.newContext()
    try {
      const page = await context.newPage()
      await page.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`)
      const outcome = await page.evaluate(
        async ([url, token]) => {
          const ask = (headers: Record<string, string>): Promise<string> =>
            fetch(`${url}/api/agents`, { headers, credentials: 'include' }).then(
              (response) => `answered ${response.status}`,
              () => 'refused',
            )
          const socket = await new Promise<string>((resolve) => {
            const opened = new WebSocket(`${String(url).replace('http', 'ws')}/ws`)
            opened.onopen = () => resolve('opened')
            opened.onerror = () => resolve('refused')
          })
          return { plain: await ask({}), withToken: await ask({ authorization: `Bearer ${token}` }), socket }
        },
        [host.apiUrl, ownerToken(host.dataFolder)] as const,
      )
      expect(outcome).toEqual({ plain: 'refused', withToken: 'refused', socket: 'refused' })
    } finally {
      await context.close()
      await new Promise((resolve) => stranger.close(resolve))
    }
  })

  test('a browser that never signed in is told how; a link works once', async ({ room, host, browser }) => {
    test.skip(host.kind === 'desktop', 'It takes a browser beside the window.')
    await expect(room.openButton).toBeEnabled()
    const context = await browser.newContext()
    try {
      const page = await context.newPage()
      await page.goto(host.apiUrl)
      await expect(page.getByRole('heading', { name: 'This browser is not signed in' })).toBeVisible()
      await expect(page.getByText('iron_cage link')).toBeVisible()

      const { url } = (await askAsOwner(host.dataFolder, 'POST', '/link')) as { url: string }
      await page.goto(url)
      await expect(page.getByRole('button', { name: 'Open…' })).toBeEnabled()
      expect(page.url()).not.toContain('code')

      const second = await browser.newContext()
      const late = await second.newPage()
      await late.goto(url)
      await expect(late.getByRole('heading', { name: 'Not signed in' })).toBeVisible()
      await second.close()
    } finally {
      await context.close()
    }
  })

  test('somebody with a password signs in without a script, sees the room as a viewer, and is out as soon as the account is', async ({ room, host, browser }) => {
    test.skip(host.kind === 'desktop', 'It takes a browser beside the window.')
    await expect(room.openButton).toBeEnabled()
    await askAsOwner(host.dataFolder, 'POST', '/users', { name: 'ada', role: 'viewer', password: 'an invented password' })
    for (const javaScriptEnabled of [false, true]) {
      const context = await browser.newContext({ javaScriptEnabled })
      try {
        const page = await context.newPage()
        if (javaScriptEnabled) {
          await page.goto(host.apiUrl)
          await page.getByRole('link', { name: 'Sign in with name and password' }).click()
        } else {
          await page.goto(`${host.apiUrl}/sign-in`)
        }
        await page.getByLabel('Name').fill('ada')
        await page.getByLabel('Password').fill('a wrong password')
        await page.getByRole('button', { name: 'Sign in' }).click()
        await expect(page.getByRole('status')).toHaveText('Name or password is wrong.')
        await page.getByLabel('Name').fill('ada')
        await page.getByLabel('Password').fill('an invented password')
        await page.getByRole('button', { name: 'Sign in' }).click()
        await expect(page).toHaveURL(`${host.apiUrl}/`)
        if (!javaScriptEnabled) continue

        await expect(page.getByRole('heading', { name: 'This browser is not signed in' })).toBeHidden()
        expect(await page.evaluate(() => fetch('/api/identity').then((answer) => answer.json()))).toMatchObject({ caller: { role: 'viewer', id: 'ada' } })
        await askAsOwner(host.dataFolder, 'DELETE', '/users/ada')
        await expect(page.getByRole('heading', { name: 'This browser is not signed in' })).toBeVisible()
      } finally {
        await context.close()
      }
    }
  })

  test('window, browser and command line see the same agents', async ({ room, cli, agentScript }) => {
    await room.start(agentScript('steady_agent.py', 'lead_gen_agent.py'))
    await expect(room.agent.status('Running')).toBeVisible()
    const id = (await room.agent.idButton.innerText()).trim()
    expect((await cli('list')).stdout).toContain(id)
    expect(JSON.parse((await cli('status', id, '--json')).stdout)).toMatchObject({ id, status: 'running' })

    const { code } = await cli('stop', id)
    expect(code).toBe(0)
    await expect(room.agent.status('Stopped')).toBeVisible()
    await expect(room.runningCount).toHaveText('0 running')
  })
})
