import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixture.ts'
import { openBrowserHost } from './hosts/browserHost.ts'
import { askAsOwner, plainEnvironment } from './hosts/roomProcess.ts'
import { openStandInHost } from './hosts/standInHost.ts'
import { RoomPage } from './pages/roomPage.ts'
import { isRunning } from './processes.ts'
import { startStandIn, type StandIn } from './standIn/screen.ts'

const root = join(import.meta.dirname, '..')

test.describe('the desktop window', () => {
  test.beforeEach(({ hostKind }) => test.skip(hostKind === 'browser', 'There is no window of its own.'))

  test('a second start brings it to the front and shows the script that it was given', async ({ room, host, agentScript }) => {
    await expect(room.emptyRoom).toBeVisible()
    const script = agentScript('steady_agent.py', 'lead_gen_agent.py')
    expect(await host.startSecond?.(script)).toBe(0)
    await expect(room.launchCard.dialog).toHaveAccessibleName('Start lead_gen_agent.py')
    await expect(room.runningCount).toBeHidden()
    if (host.standIn) expect(host.standIn.focused()).toBe(1)
    await room.launchCard.start()
    await expect(room.agent.status('Running')).toBeVisible()
  })

  test('keeps everything when the page is reloaded, as often as it is', async ({ room, agentScript }) => {
    await room.start(agentScript('talking_agent.py'))
    await expect(room.terminal.rows).toContainText('ready')
    for (const word of ['one', 'two', 'three']) {
      await room.page.reload()
      await room.terminal.type(word)
      await expect(room.terminal.rows).toContainText(`you said ${word}`)
    }
  })

  test('a browser signs in beside it', async ({ room, host, browser, cli, agentScript }) => {
    test.skip(host.kind === 'desktop', 'It takes a browser beside the window.')
    await room.start(agentScript('steady_agent.py'))
    await expect(room.agent.status('Running')).toBeVisible()
    const link = /http:\S+/.exec((await cli('link')).stdout)?.[0] ?? ''
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(link)
    await expect(page.getByRole('heading', { name: 'steady_agent.py' })).toBeVisible()
    await context.close()
  })
})

test.describe('the desktop around the window', () => {
  test.beforeEach(({ hostKind }) => test.skip(hostKind !== 'stand-in', 'These hands on the desktop are the stand-in’s.'))

  test('remembers its place', async ({ room, host }) => {
    await expect(room.openButton).toBeEnabled()
    expect(room.page.viewportSize()).toEqual({ width: 1280, height: 820 })
    host.standIn?.userMoves({ x: 100, y: 50, width: 900, height: 700 })
    expect(await host.stop()).toBe(0)
    expect(JSON.parse(readFileSync(join(host.dataFolder, 'window/place.json'), 'utf8'))).toEqual({
      bounds: { x: 100, y: 50, width: 900, height: 700 },
      isMaximized: false,
    })
    await host.startAgain()
    await room.isOpen()
    expect(room.page.viewportSize()).toEqual({ width: 900, height: 700 })
  })

  for (const [way, leave] of [
    ['its window is closed', 'userCloses'],
    ['somebody quits', 'userQuits'],
  ] as const) {
    test(`asks before it ends agents when ${way}, once, and takes no for an answer`, async ({ room, host, agentScript }) => {
      const standIn = host.standIn
      if (!standIn) return
      await room.start(agentScript('steady_agent.py', 'lead_gen_agent.py'))
      await expect(room.agent.status('Running')).toBeVisible()
      const pid = await room.agent.pid()
      const id = (await room.agent.idButton.innerText()).trim()

      standIn.leaveUnanswered()
      standIn[leave]()
      standIn[leave]()
      const question = {
        message: '1 agent is running. Closing the room stops it.',
        detail: `lead_gen_agent.py (${id})`,
        buttons: ['Stop agents and close', 'Cancel'],
      }
      await expect.poll(() => standIn.questions).toEqual([question])
      standIn.answerWith('Cancel')
      await room.page.reload()
      await expect(room.agent.status('Running')).toBeVisible()
      expect(isRunning(pid)).toBe(true)

      standIn.answerWith('Stop agents and close')
      standIn[leave]()
      standIn[leave]()
      expect(await standIn.gone).toBe(0)
      expect(standIn.questions).toEqual([question, question])
      expect(isRunning(pid)).toBe(false)
    })

    test(`asks nothing when ${way} and no agent runs`, async ({ room, host, agentScript }) => {
      await room.start(agentScript('steady_agent.py'))
      await room.agent.button('Stop').click()
      await expect(room.agent.status('Stopped')).toBeVisible()
      host.standIn?.[leave]()
      expect(await host.standIn?.gone).toBe(0)
      expect(host.standIn?.questions).toEqual([])
    })
  }

  for (const [way, leave] of [
    ['a signal', (standIn: StandIn) => void standIn.main.kill('SIGTERM')],
    ['Ctrl-C', (standIn: StandIn) => void standIn.main.kill('SIGINT')],
    ['the system that goes down', (standIn: StandIn) => standIn.systemShutsDown()],
    ['a command', (_standIn: StandIn, dataFolder: string) => void askAsOwner(dataFolder, 'POST', '/stop')],
  ] as const) {
    test(`asks nobody when ${way} ends it, not even while a question is open`, async ({ room, host, agentScript }) => {
      const standIn = host.standIn
      if (!standIn) return
      await room.start(agentScript('steady_agent.py'))
      await expect(room.agent.status('Running')).toBeVisible()
      const pid = await room.agent.pid()
      standIn.leaveUnanswered()
      standIn.userCloses()
      await expect.poll(() => standIn.questions).toHaveLength(1)
      leave(standIn, host.dataFolder)
      expect(await standIn.gone).toBe(0)
      expect(standIn.questions).toHaveLength(1)
      expect(isRunning(pid)).toBe(false)
    })
  }

  test.describe('started without a terminal', () => {
    test.skip(process.platform === 'win32', 'Windows gives every program the same PATH.')

    test('finds Python on the PATH of the login shell, and gives that PATH to agents', async ({ folder, context, agentScript }) => {
      const home = join(folder, 'home')
      mkdirSync(join(home, 'bin'), { recursive: true })
      writeFileSync(join(home, 'bin/python3'), '#!/bin/sh\necho "Python of the login shell, PATH $PATH"\nexec sleep 600\n', { mode: 0o755 })
      writeFileSync(join(home, '.profile'), 'echo noise\nPATH="$HOME/bin:/usr/bin:/bin"\nexport PATH\n')
      const dataFolder = join(folder, 'data')
      const environment = plainEnvironment(dataFolder, { HOME: home, SHELL: '/bin/sh', PATH: '/usr/bin:/bin' })
      const host = await openStandInHost(context, { root, dataFolder, environment })
      const room = new RoomPage(host)
      await room.isOpen()
      await room.start(agentScript('steady_agent.py'))
      await expect(room.terminal.rows).toContainText('Python of the login shell')
      await expect(room.terminal.rows).toContainText(`PATH ${home}/bin:/usr/bin:/bin`)
      expect(await host.stop()).toBe(0)
    })

    test('opens all the same when the shell misbehaves, and says so in the log', async ({ folder, context }) => {
      const home = join(folder, 'home')
      mkdirSync(home)
      writeFileSync(join(home, '.profile'), 'exit 3\n')
      const dataFolder = join(folder, 'data')
      const host = await openStandInHost(context, { root, dataFolder, environment: plainEnvironment(dataFolder, { HOME: home, SHELL: '/bin/sh' }) })
      await new RoomPage(host).isOpen()
      expect(await host.stop()).toBe(0)
      expect(readFileSync(join(dataFolder, 'logs/control-room.log'), 'utf8')).toContain('/bin/sh ended without naming its PATH (exit code 3).')
    })
  })

  test('opens a file that the dock was given', async ({ room, host, agentScript }) => {
    await expect(room.emptyRoom).toBeVisible()
    host.standIn?.openFile(agentScript('steady_agent.py', 'ünïcode #1.py'))
    await expect(room.launchCard.dialog).toHaveAccessibleName('Start ünïcode #1.py')
    expect(new URL(room.page.url()).hash).toBe('')
  })

  test('asks before a link of an agent goes to the browser, and takes web addresses only', async ({ room, host, agentScript }) => {
    const standIn = host.standIn
    if (!standIn) return
    await room.start(agentScript('linking_agent.py'))
    await expect(room.terminal.rows).toContainText('docs.example.com')
    await room.terminal.click('https://docs.example.com/guide')
    await expect.poll(() => standIn.questions).toEqual([
      { message: 'Open this link in your browser?', detail: 'https://docs.example.com/guide', buttons: ['Open', 'Cancel'] },
    ])
    expect(standIn.openedLinks).toEqual([])

    standIn.answerWith('Open')
    await room.terminal.click('https://docs.example.com/guide')
    await expect.poll(() => standIn.openedLinks).toEqual(['https://docs.example.com/guide'])

    await room.page.evaluate(() => {
      for (const address of ['file:///etc/passwd', 'javascript:alert(1)', 'https://bank.example@evil.example/']) window.open(address)
      window.open('https://last.example/')
    })
    await expect.poll(() => standIn.openedLinks).toEqual(['https://docs.example.com/guide', 'https://last.example/'])
    expect(standIn.questions).toHaveLength(3)
  })

  test('loads its page again when that has crashed', async ({ room, host, agentScript }) => {
    await room.start(agentScript('talking_agent.py'))
    await expect(room.terminal.rows).toContainText('ready')
    const loading = room.page.waitForEvent('load')
    host.standIn?.rendererCrashes()
    await loading
    await room.terminal.type('still there')
    await expect(room.terminal.rows).toContainText('you said still there')
    expect(host.standIn?.errorBoxes).toEqual([])
  })

  test('lets the page copy, and nothing else', async ({ room, host }) => {
    await expect(room.openButton).toBeEnabled()
    const standIn = host.standIn
    expect(await standIn?.isPermitted('clipboard-sanitized-write', 'app://control-room')).toBe(true)
    expect(await standIn?.isPermitted('clipboard-sanitized-write', 'https://elsewhere.example')).toBe(false)
    for (const permission of ['clipboard-read', 'notifications', 'media', 'geolocation', 'openExternal', 'fileSystem']) {
      expect(await standIn?.isPermitted(permission, 'app://control-room')).toBe(false)
    }
  })

  test('says why it cannot open, and leaves with a code', async ({ folder, context }) => {
    const dataFolder = join(folder, 'data')
    writeFileSync(dataFolder, 'this is a file')
    const standIn = startStandIn({ context, root, out: join(root, 'out'), environment: plainEnvironment(dataFolder) })
    expect(await standIn.gone).toBe(74)
    expect(standIn.errorBoxes).toHaveLength(1)
    expect(standIn.errorBoxes[0]?.title).toBe('The control room cannot open')
    expect(standIn.errorBoxes[0]?.content).toContain(dataFolder)
    expect(standIn.output()).toContain(dataFolder)
  })

  test('names the room without a window that has its data folder, and how to stop it', async ({ folder, context }) => {
    const dataFolder = join(folder, 'data')
    const environment = plainEnvironment(dataFolder)
    const served = await openBrowserHost(context, { root, dataFolder, environment })
    try {
      const standIn = startStandIn({ context, root, out: join(root, 'out'), environment })
      expect(await standIn.gone).toBe(75)
      expect(standIn.errorBoxes[0]?.content).toContain(`process id ${served.pid}`)
      expect(standIn.errorBoxes[0]?.content).toContain(served.apiUrl)
      expect(standIn.errorBoxes[0]?.content).toContain('stop it with Ctrl-C on its terminal')
    } finally {
      await served.stop()
    }
  })

  test('says that the database is damaged, and leaves it as it is', async ({ room, host, context }) => {
    await expect(room.openButton).toBeEnabled()
    await host.stop()
    const database = join(host.dataFolder, 'control-room.db')
    writeFileSync(database, 'not a database at all, but long enough to look like one'.repeat(200))
    const before = readFileSync(database)
    const standIn = startStandIn({ context, root, out: join(root, 'out'), environment: plainEnvironment(host.dataFolder) })
    expect(await standIn.gone).toBe(74)
    expect(standIn.errorBoxes[0]?.content).toContain(`The database ${database} is damaged`)
    expect(readFileSync(database)).toEqual(before)
  })
})
