import { expect, test } from './fixture.ts'

test.describe('the page is shut in', () => {
  test('knows nothing of Node', async ({ room }) => {
    const found = await room.page.evaluate(() =>
      ['require', 'module', 'process', 'global', 'Buffer', '__dirname', 'electron', 'ipcRenderer'].filter((name) => name in window),
    )
    expect(found).toEqual([])
  })

  test('sees of its host the wire and nothing else', async ({ room, host }) => {
    const bridge = await room.page.evaluate(() => ('controlRoom' in window ? Object.keys(window.controlRoom as object).sort() : null))
    expect(bridge).toEqual(host.kind === 'browser' ? null : ['desktop', 'onMessage', 'pathOf', 'post'])
  })

  test('runs no script but its own: nothing inline, nothing made from text, nothing from elsewhere', async ({ room }) => {
    const outcome = await room.page.evaluate(async () => {
      const violations: string[] = []
      document.addEventListener('securitypolicyviolation', (event) => violations.push(`${event.effectiveDirective} ${event.blockedURI}`))
      const marked = window as Window & { wasRun?: string }

      const inline = document.createElement('script')
      inline.textContent = 'window.wasRun = "inline"'
      document.body.append(inline)
      document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.wasRun = \'handler\'">')
      const foreign = document.createElement('script')
      foreign.src = 'https://scripts.example/run.js'
      document.body.append(foreign)
      await new Promise((resolve) => foreign.addEventListener('error', resolve))

      let hasEval = true
      try {
        new Function('return 1')()
      } catch {
        hasEval = false
      }
      return { wasRun: marked.wasRun ?? null, hasEval, violations }
    })
    expect(outcome.wasRun).toBeNull()
    expect(outcome.hasEval).toBe(false)
    expect(outcome.violations).toContain('script-src-elem inline')
    expect(outcome.violations).toContain('script-src-attr inline')
    expect(outcome.violations).toContain('script-src-elem https://scripts.example/run.js')
  })

  test('takes no style that markup brings, and needs none itself', async ({ room, agentScript }) => {
    const broken: string[] = []
    room.page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) broken.push(message.text())
    })
    await room.page.reload()
    await room.start(agentScript('talking_agent.py'))
    await expect(room.terminal.rows).toContainText('ready')
    const red = await room.terminal.piece('red as rust').evaluate((piece) => getComputedStyle(piece).color)
    const usual = await room.terminal.piece('ready').evaluate((piece) => getComputedStyle(piece).color)
    expect(red).not.toBe(usual)
    expect(broken).toEqual([])

    const color = await room.page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<style>#brought { color: rgb(1, 2, 3) }</style><p id="brought" style="color: rgb(1, 2, 3)">brought</p>')
      return getComputedStyle(document.getElementById('brought')!).color
    })
    expect(color).not.toBe('rgb(1, 2, 3)')
  })

  test('talks to nobody else', async ({ room }) => {
    const refused = await room.page.evaluate(async () => {
      const fetched = await fetch('https://elsewhere.example/').then(
        () => 'answered',
        () => 'refused',
      )
      const picture = await new Promise((resolve) => {
        const image = new Image()
        image.onload = () => resolve('answered')
        image.onerror = () => resolve('refused')
        image.src = 'https://elsewhere.example/picture.png'
      })
      const framed = await new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective))
        const frame = document.createElement('iframe')
        frame.src = 'https://elsewhere.example/'
        document.body.append(frame)
      })
      return { fetched, picture, framed }
    })
    expect(refused).toEqual({ fetched: 'refused', picture: 'refused', framed: 'frame-src' })
  })

  test('sends its headers with everything that it serves', async ({ room, host }) => {
    test.skip(host.kind === 'desktop', "Electron's own scheme shows its headers to no test; the policy above shows that they hold.")
    const loading = room.page.waitForResponse((response) => response.url().endsWith('.js'))
    const start = await room.page.reload()
    for (const response of [start, await loading]) {
      const headers = response?.headers() ?? {}
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
      expect(headers['content-security-policy']).not.toContain('unsafe')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('no-referrer')
    }
  })
})

test.describe('the window stays where it is', () => {
  test('a page cannot take it elsewhere, nor open another one', async ({ room, host }) => {
    test.skip(host.kind === 'browser', 'A browser belongs to its user.')
    const address = room.page.url()
    const opened = await room.page.evaluate(() => {
      location.href = 'https://elsewhere.example/'
      return window.open('https://elsewhere.example/other')
    })
    expect(opened).toBeNull()
    await room.page.evaluate(() => {
      const link = document.createElement('a')
      link.href = 'file:///etc/passwd'
      document.body.append(link)
      link.click()
    })
    await expect(room.openButton).toBeEnabled()
    expect(room.page.url()).toBe(address)
    expect(room.page.context().pages()).toHaveLength(1)
  })
})
