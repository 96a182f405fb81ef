/**
 * Stands in for the `electron` module where its runtime cannot be had: the built main bundle runs under plain Node, and each window is a page in
 * Chromium. It covers what src/main/desktop calls and nothing more; its parts are checked against Electron's own types, and rules that Electron
 * enforces about order (what must come before `ready`, what after) are enforced here too.
 */
import { EventEmitter } from 'node:events'
import { mkdirSync, statSync } from 'node:fs'
import type {
  App,
  CommandLine,
  Dialog,
  Display,
  IpcMain,
  LoginItemSettings,
  Menu as ElectronMenu,
  MenuItemConstructorOptions,
  MessageBoxReturnValue,
  NativeTheme,
  PowerMonitor,
  Screen,
  Settings,
  Shell,
  WebFrameMain,
} from 'electron'
import type { ToMain } from './link.ts'
import { createDesktopItems } from './desktopItems.ts'
import { openMainLink } from './mainLink.ts'
import { onlyWhatIsCovered } from './onlyWhatIsCovered.ts'
import { createPageSession } from './pageSession.ts'
import { createSingleInstance } from './singleInstance.ts'
import { cancellable, createWindows } from './windows.ts'

const link = openMainLink()
const singleInstance = createSingleInstance()
const paths = new Map<string, string>()
let isReady = false
let isQuitting = false

function requireReady(what: string): void {
  if (!isReady) throw new Error(`${what} can only be used after the app is ready`)
}

function requireBeforeReady(what: string): void {
  if (isReady) throw new Error(`${what} should be called before app is ready`)
}

// --- app ---

type CoveredApp = Pick<
  App,
  | 'commandLine'
  | 'enableSandbox'
  | 'setPath'
  | 'isPackaged'
  | 'whenReady'
  | 'requestSingleInstanceLock'
  | 'setAppUserModelId'
  | 'setAsDefaultProtocolClient'
  | 'getLoginItemSettings'
  | 'setLoginItemSettings'
  | 'quit'
  | 'exit'
>

class StandInApp extends EventEmitter implements CoveredApp {
  readonly isPackaged = process.env.STAND_IN_PACKAGED === '1'
  readonly commandLine = onlyWhatIsCovered('app.commandLine', {
    hasSwitch: (name: string) => process.argv.includes(`--${name}`),
  } satisfies Pick<CommandLine, 'hasSwitch'>) as CommandLine
  readonly ready = Promise.withResolvers<void>()
  opensAtLogin = false
  isSandboxed = false

  enableSandbox(): void {
    requireBeforeReady('app.enableSandbox')
    this.isSandboxed = true
  }

  setPath(name: string, path: string): void {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) mkdirSync(path, { recursive: true })
    paths.set(name, path)
  }

  whenReady(): Promise<void> {
    return this.ready.promise
  }

  requestSingleInstanceLock(data?: Record<string, unknown>): boolean {
    const folder = paths.get('userData')
    if (!folder) throw new Error('The stand-in needs app.setPath("userData") before the lock: it has no folder of its own.')
    return singleInstance.request(folder, data ?? null)
  }

  setAppUserModelId(): void {}

  setAsDefaultProtocolClient(): boolean {
    return true
  }

  getLoginItemSettings(): LoginItemSettings {
    return { openAtLogin: this.opensAtLogin } as LoginItemSettings
  }

  setLoginItemSettings({ openAtLogin = false }: Settings): void {
    this.opensAtLogin = openAtLogin
  }

  quit(): void {
    const before = cancellable({})
    this.emit('before-quit', before)
    if (before.defaultPrevented) return
    isQuitting = true
    for (const window of [...windows.values()]) window.userCloses()
    if (windows.size > 0) {
      isQuitting = false
      return
    }
    const event = cancellable({})
    this.emit('will-quit', event)
    if (!event.defaultPrevented) this.exit(0)
  }

  exit(exitCode = 0): void {
    for (const window of [...windows.values()]) window.destroy()
    this.emit('quit', {}, exitCode)
    void singleInstance.release().finally(() => process.exit(exitCode))
  }
}

const standInApp = new StandInApp()
// A packaged application is its own program: no word of its command line names what it runs.
if (standInApp.isPackaged) process.argv.splice(1, 1)
export const app = onlyWhatIsCovered('app', standInApp)
singleInstance.onSecondInstance((data) => void app.whenReady().then(() => app.emit('second-instance', {}, [], process.cwd(), data)))

// --- windows ---

const { BrowserWindow: StandInWindow, windows } = createWindows({
  link,
  isReady: () => isReady,
  isSandboxed: () => standInApp.isSandboxed,
  onContents: (contents) => app.emit('web-contents-created', {}, contents),
  onAllClosed() {
    if (isQuitting) return
    if (!app.emit('window-all-closed')) app.quit()
  },
})
export const BrowserWindow = onlyWhatIsCovered('BrowserWindow', StandInWindow)

// --- protocol and session ---

const pageSession = createPageSession({ requireReady, requireBeforeReady })
export const { protocol, session } = pageSession

// --- messages ---

type CoveredIpc = Pick<IpcMain, 'on' | 'off'>
export const ipcMain = onlyWhatIsCovered('ipcMain', new EventEmitter() as CoveredIpc & EventEmitter)

/** A frame as the main process sees it, in the moment of a message. */
function frameOf(origin: string, isTopFrame: boolean): WebFrameMain {
  return onlyWhatIsCovered('WebFrameMain', { origin, parent: isTopFrame ? null : {}, detached: false }) as unknown as WebFrameMain
}

// --- the rest of the desktop ---

export const dialog = onlyWhatIsCovered('dialog', {
  async showMessageBox(_window: unknown, options: Electron.MessageBoxOptions): Promise<MessageBoxReturnValue> {
    const { message, detail = '', buttons = ['OK'], cancelId = 0, signal } = options
    const withdrawn = new Promise<number>((resolve) => signal?.addEventListener('abort', () => resolve(cancelId)))
    const response = Number(await Promise.race([link.ask({ kind: 'ask', message, detail, buttons, cancelId }), withdrawn]))
    return { response, checkboxChecked: false }
  },
  showErrorBox(title: string, content: string): void {
    link.tell({ kind: 'errorBox', title, content })
  },
} satisfies { showMessageBox: (...args: never[]) => Promise<MessageBoxReturnValue>; showErrorBox: Dialog['showErrorBox'] })

export const shell = onlyWhatIsCovered('shell', {
  async openExternal(url: string): Promise<void> {
    link.tell({ kind: 'openExternal', url })
  },
} satisfies Pick<Shell, 'openExternal'>)

export const Menu = onlyWhatIsCovered('Menu', {
  buildFromTemplate(template: MenuItemConstructorOptions[]): ElectronMenu {
    return onlyWhatIsCovered('menu', { items: template }) as unknown as ElectronMenu
  },
  setApplicationMenu(_menu: ElectronMenu | null): void {},
} satisfies Pick<typeof ElectronMenu, 'buildFromTemplate' | 'setApplicationMenu'>)

const desktopItems = createDesktopItems(link, requireReady)
export const { Notification, clipboard } = desktopItems

/** Its types leave out what its documentation tells of: the event of `shutdown` can be prevented. */
export const powerMonitor = onlyWhatIsCovered('powerMonitor', new EventEmitter() as Pick<PowerMonitor, 'on'> & EventEmitter)

function systemShutsDown(): void {
  const event = cancellable({})
  powerMonitor.emit('shutdown', event)
  // A system that nobody asks to wait sends its signals.
  if (!event.defaultPrevented) process.kill(process.pid, 'SIGKILL')
}

export const nativeTheme = onlyWhatIsCovered('nativeTheme', {
  shouldUseDarkColors: false,
} satisfies Pick<NativeTheme, 'shouldUseDarkColors'>)

const display = onlyWhatIsCovered('display', { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } }) as unknown as Display
export const screen = onlyWhatIsCovered('screen', {
  getPrimaryDisplay(): Display {
    requireReady('screen')
    return display
  },
  getAllDisplays(): Display[] {
    requireReady('screen')
    return [display]
  },
} satisfies Pick<Screen, 'getPrimaryDisplay' | 'getAllDisplays'>)

// --- what the screen tells us ---

link.onMessage((message) => {
  // Not before the first turn of the event loop is over: until then the application may still be setting itself up.
  if (message.kind === 'screen') setImmediate(becomeReady)
  else if (message.kind === 'userQuits') app.quit()
  else if (message.kind === 'systemShutsDown') systemShutsDown()
  else if (message.kind === 'openFile') app.emit('open-file', cancellable({}), message.path)
  else if (message.kind === 'openUrl') app.emit('open-url', cancellable({}), message.url)
  else if (message.kind === 'userPresses') desktopItems.userPresses(message.id, message.button)
  else if (message.kind === 'clipboard') answer(message.call, desktopItems.copied(message.text))
  else if (message.kind === 'request') answer(message.call, pageSession.serve(message.url, message.method))
  else toWindow(message)
})

function becomeReady(): void {
  isReady = true
  standInApp.ready.resolve()
  app.emit('ready', {}, {})
}

type ToWindow = Extract<ToMain, { window: number }>

function toWindow(message: ToWindow): void {
  const window = windows.get(message.window)
  if (!window) return
  const contents = window.contents
  switch (message.kind) {
    case 'document':
      contents.document++
      contents.emit('did-navigate', {}, message.url, 200, 'OK')
      break
    case 'message': {
      const frame = frameOf(message.origin, message.isTopFrame)
      const event = { sender: contents, senderFrame: frame, type: 'frame', frameId: 1, processId: 1 }
      ipcMain.emit(message.channel, event, ...message.args)
      break
    }
    case 'crashed':
      contents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 })
      break
    case 'userCloses':
      window.userCloses()
      break
    case 'userMoves':
      window.userMoves(message.bounds)
      break
    case 'willNavigate':
      answer(message.call, contents.willNavigate(message.url))
      break
    case 'windowOpen':
      answer(message.call, contents.windowOpen(message.url))
      break
    case 'permission':
      answer(message.call, pageSession.isPermitted(window.webContents, message.permission, message.origin))
      break
  }
}

function answer(call: number, value: unknown): void {
  void Promise.resolve(value).then((known) => link.tell({ kind: 'answer', call, value: known }))
}

// A test that died must not leave a room behind, nor a question that nobody can answer any more.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
