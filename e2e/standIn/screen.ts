import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { BrowserContext, Page, Route } from '@playwright/test'
import { fromSubstitute, SUBSTITUTE_ORIGIN, toSubstitute, type Rectangle, type Served, type ToMain, type ToScreen } from './link.ts'
import { preloadScript, type KnownFile } from './preloadWorld.ts'

export interface Question {
  readonly message: string
  readonly detail: string
  readonly buttons: readonly string[]
}

/** As it stands on the desktop. */
export interface ShownNotification {
  readonly id: number
  readonly title: string
  readonly body: string
  readonly buttons: readonly string[]
}

/** The desktop around the windows, as a test sees and handles it. */
export interface StandIn {
  /** The first window's page, when it is there. */
  firstPage(): Promise<Page>
  readonly main: ChildProcess
  readonly output: () => string
  readonly errorBoxes: { title: string; content: string }[]
  readonly openedLinks: string[]
  readonly questions: Question[]
  /** How often a window was brought to the front. */
  readonly focused: () => number
  /** Which button answers the next questions, and those that wait; otherwise they are cancelled. */
  answerWith(button: string | null): void
  /** Questions stay open from now on, until somebody says what to answer. */
  leaveUnanswered(): void
  knowFile(path: string): Promise<void>
  userCloses(): void
  userMoves(bounds: Rectangle): void
  userQuits(): void
  systemShutsDown(): void
  openFile(path: string): void
  /** macOS hands a link over; elsewhere it comes with a start. */
  openUrl(url: string): void
  /** Those that stand on the desktop now, oldest first. */
  readonly notifications: () => readonly ShownNotification[]
  /** One of its buttons, or the notification itself. */
  pressNotification(title: string, button: string | null): void
  /** What the clipboard has. */
  clipboard(): Promise<string>
  /** Somebody copies something in another program. */
  userCopies(text: string): Promise<void>
  rendererCrashes(): void
  isPermitted(permission: string, origin: string): Promise<boolean>
  /** The exit code of the main process, when it has gone. */
  readonly gone: Promise<number | null>
  stop(): Promise<void>
}

export interface StandInOptions {
  readonly context: BrowserContext
  /** The checkout, and where its bundles are. */
  readonly root: string
  readonly out: string
  readonly environment: Record<string, string>
  readonly args?: readonly string[]
}

const BINDING = '__standInSpeak'
const EVENT = 'stand-in-message'

interface Screened {
  readonly page: Page
  document: number
  queue: { document: number; channel: string; args: unknown[] }[]
  isDelivering: boolean
  isLoading: boolean
}

type Asking = { [K in 'request' | 'willNavigate' | 'windowOpen' | 'permission' | 'clipboard']: Omit<Extract<ToMain, { kind: K }>, 'call'> }[
  | 'clipboard'
  | 'request'
  | 'willNavigate'
  | 'windowOpen'
  | 'permission']

type Asked = Extract<ToScreen, { kind: 'ask' }>

type FromPage =
  | { kind: 'document'; url: string }
  | { kind: 'windowOpen'; url: string }
  | { kind: 'message'; channel: string; args: unknown[]; origin: string; isTopFrame: boolean }

export function startStandIn({ context, root, out, environment, args = [] }: StandInOptions): StandIn {
  // As in Electron, where a rejection that nobody waits for ends nothing by itself.
  const asElectron = '--unhandled-rejections=warn-with-error-code'
  const main = spawn(process.execPath, [asElectron, '--import', join(root, 'e2e/standIn/register.ts'), join(out, 'main/index.js'), ...args], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  main.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  main.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const gone = once(main, 'exit').then(([code]) => code as number | null)

  const screens = new Map<number, Screened>()
  const opening = new Map<number, Promise<Screened>>()
  const waiting = new Map<number, (value: unknown) => void>()
  const errorBoxes: StandIn['errorBoxes'] = []
  const openedLinks: string[] = []
  const questions: Question[] = []
  const files: KnownFile[] = []
  const notifications = new Map<number, ShownNotification>()
  const firstPage = Promise.withResolvers<Page>()
  let button: string | null = null
  let unanswered: Asked[] | null = null
  let focused = 0
  let lastCall = 0

  const tell = (message: ToMain): void => {
    if (main.connected) main.send(message, () => undefined)
  }
  const ask = (question: Asking): Promise<unknown> =>
    new Promise((resolve) => {
      if (!main.connected) return resolve(null)
      const call = ++lastCall
      waiting.set(call, resolve)
      tell({ ...question, call })
    })

  async function open(window: number, preload: string, bounds: Rectangle): Promise<Screened> {
    const page = await context.newPage()
    const screened: Screened = { page, document: 0, queue: [], isDelivering: false, isLoading: false }
    screens.set(window, screened)
    await page.setViewportSize({ width: bounds.width, height: bounds.height })
    await page.exposeBinding(BINDING, (_source, message: FromPage) => fromPage(window, screened, message))
    await page.addInitScript({
      content: preloadScript({
        binding: BINDING,
        event: EVENT,
        preload,
        ownOrigin: 'app://control-room',
        substituteOrigin: SUBSTITUTE_ORIGIN,
      }),
    })
    await page.route('**/*', (route) => serve(window, screened, route))
    page.on('crash', () => tell({ kind: 'crashed', window }))
    firstPage.resolve(page)
    return screened
  }

  function fromPage(window: number, screened: Screened, message: FromPage): void {
    if (message.kind === 'document') {
      screened.document++
      screened.queue = []
      tell({ kind: 'document', window, url: fromSubstitute(message.url) })
      if (files.length > 0) void deliverFiles(screened)
    } else if (message.kind === 'windowOpen') {
      void ask({ kind: 'windowOpen', window, url: fromSubstitute(message.url) })
    } else tell({ ...message, window })
  }

  /** Every request of the page, as Electron would let it through or not. */
  async function serve(window: number, screened: Screened, route: Route): Promise<void> {
    const request = route.request()
    const url = fromSubstitute(request.url())
    const isPagesOwnNavigation = request.isNavigationRequest() && request.frame() === screened.page.mainFrame() && !screened.isLoading
    if (isPagesOwnNavigation && !(await ask({ kind: 'willNavigate', window, url }))) return route.abort('aborted')
    const served = (await ask({ kind: 'request', url, method: request.method() })) as Served
    if (!served) return route.abort('blockedbyclient')
    return route.fulfill({ status: served.status, headers: served.headers, body: Buffer.from(served.bodyBase64, 'base64') })
  }

  async function load(window: number, url: string): Promise<string | null> {
    const screened = await opening.get(window)
    if (!screened) return 'ERR_ABORTED (-3)'
    screened.isLoading = true
    try {
      await screened.page.goto(toSubstitute(url), { waitUntil: 'load' })
      return null
    } catch (problem) {
      return String(problem)
    } finally {
      screened.isLoading = false
    }
  }

  async function deliver(screened: Screened): Promise<void> {
    if (screened.isDelivering) return
    screened.isDelivering = true
    while (screened.queue.length > 0) {
      const batch = screened.queue.splice(0).filter((message) => message.document === screened.document)
      // A document that goes away takes its messages with it.
      await dispatch(screened.page, batch).catch(() => undefined)
    }
    screened.isDelivering = false
  }

  function answer({ call, buttons, cancelId }: Asked): void {
    tell({ kind: 'answer', call, value: button === null ? cancelId : buttons.indexOf(button) })
  }

  async function deliverFiles(screened: Screened): Promise<void> {
    await dispatch(screened.page, [{ channel: '', args: [], files }])
  }

  main.on('message', (message: ToScreen) => void onMessage(message))

  async function onMessage(message: ToScreen): Promise<void> {
    switch (message.kind) {
      case 'answer':
        waiting.get(message.call)?.(message.value)
        waiting.delete(message.call)
        return
      case 'open':
        opening.set(message.window, open(message.window, message.preload, message.bounds))
        return
      case 'load':
        return tell({ kind: 'answer', call: message.call, value: await load(message.window, message.url) })
      case 'send': {
        const screened = screens.get(message.window)
        screened?.queue.push(message)
        if (screened) await deliver(screened)
        return
      }
      case 'close':
        await screens.get(message.window)?.page.close()
        screens.delete(message.window)
        return
      case 'focus':
        focused++
        return
      case 'ask': {
        questions.push({ message: message.message, detail: message.detail, buttons: message.buttons })
        return unanswered ? void unanswered.push(message) : answer(message)
      }
      case 'errorBox':
        errorBoxes.push({ title: message.title, content: message.content })
        return
      case 'openExternal':
        openedLinks.push(message.url)
        return
      case 'notification':
        notifications.set(message.id, { id: message.id, title: message.title, body: message.body, buttons: message.buttons })
        return
      case 'notificationCloses':
        notifications.delete(message.id)
    }
  }

  tell({ kind: 'screen' })
  const window = 1
  return {
    main,
    firstPage: () => firstPage.promise,
    output: () => output,
    errorBoxes,
    openedLinks,
    questions,
    focused: () => focused,
    answerWith(next) {
      button = next
      const waitingForIt = unanswered ?? []
      unanswered = null
      for (const asked of waitingForIt) answer(asked)
    },
    leaveUnanswered: () => (unanswered ??= []),
    async knowFile(path) {
      files.push({ name: basename(path), size: statSync(path).size, path })
      for (const screened of screens.values()) await deliverFiles(screened)
    },
    userCloses: () => tell({ kind: 'userCloses', window }),
    userMoves: (bounds) => tell({ kind: 'userMoves', window, bounds }),
    userQuits: () => tell({ kind: 'userQuits' }),
    systemShutsDown: () => tell({ kind: 'systemShutsDown' }),
    openFile: (path) => tell({ kind: 'openFile', path }),
    openUrl: (url) => tell({ kind: 'openUrl', url }),
    notifications: () => [...notifications.values()],
    pressNotification(title, wanted) {
      const pressed = [...notifications.values()].find((one) => one.title === title)
      if (!pressed) throw new Error(`No notification on the desktop says "${title}".`)
      tell({ kind: 'userPresses', id: pressed.id, button: wanted === null ? null : pressed.buttons.indexOf(wanted) })
    },
    clipboard: async () => String(await ask({ kind: 'clipboard', text: null })),
    userCopies: async (text) => void (await ask({ kind: 'clipboard', text })),
    rendererCrashes: () => tell({ kind: 'crashed', window }),
    isPermitted: async (permission, origin) => (await ask({ kind: 'permission', window, permission, origin })) === true,
    gone,
    async stop() {
      if (main.exitCode === null && main.signalCode === null) main.kill('SIGTERM')
      await gone
    },
  }
}

/** Hands messages to the page's end, in order, in one go. */
function dispatch(page: Page, messages: { channel: string; args: unknown[]; files?: KnownFile[] }[]): Promise<void> {
  return page.evaluate(
    ([event, all]) => {
      for (const detail of all) dispatchEvent(new CustomEvent(event, { detail }))
    },
    [EVENT, messages] as const,
  )
}
