import { EventEmitter } from 'node:events'
import type {
  BrowserWindow as ElectronWindow,
  BrowserWindowConstructorOptions,
  Event,
  HandlerDetails,
  Referrer,
  WebContents,
  WebContentsWillFrameNavigateEventParams,
  WebFrameMain,
  WindowOpenHandlerResponse,
} from 'electron'
import type { MainLink } from './mainLink.ts'
import type { Rectangle } from './link.ts'
import { onlyWhatIsCovered } from './onlyWhatIsCovered.ts'

type CoveredContents = Pick<WebContents, 'id' | 'send' | 'isDestroyed' | 'setWindowOpenHandler' | 'mainFrame'>
type CoveredWindow = Pick<
  ElectronWindow,
  | 'id'
  | 'webContents'
  | 'loadURL'
  | 'getNormalBounds'
  | 'isMaximized'
  | 'maximize'
  | 'isMinimized'
  | 'restore'
  | 'show'
  | 'focus'
  | 'isDestroyed'
  | 'destroy'
>

/** What the screen tells a window. */
export interface WindowEnds {
  readonly contents: StandInContents
  userCloses(): void
  userMoves(bounds: Rectangle): void
}

const NO_REFERRER: Referrer = { url: '', policy: 'default' }

export function cancellable<P extends object>(params: P): Event<P> & { defaultPrevented: boolean } {
  return {
    ...params,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true
    },
  }
}

export class StandInContents extends EventEmitter implements CoveredContents {
  readonly id: number
  readonly mainFrame = onlyWhatIsCovered('WebFrameMain', { origin: 'null', parent: null }) as unknown as WebFrameMain
  readonly link: MainLink
  openHandler: ((details: HandlerDetails) => WindowOpenHandlerResponse) | null = null
  hasGone = false
  /** How many documents this window has shown: a message for one of them is not for the next. */
  document = 0

  constructor(id: number, link: MainLink) {
    super()
    this.id = id
    this.link = link
    return onlyWhatIsCovered('WebContents', this)
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.hasGone) throw new TypeError('Object has been destroyed')
    // What Electron's structured clone would refuse has to be refused here too.
    this.link.tell({ kind: 'send', window: this.id, document: this.document, channel, args: structuredClone(args) })
  }

  isDestroyed(): boolean {
    return this.hasGone
  }

  setWindowOpenHandler(handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void {
    this.openHandler = handler
  }

  /** Whether the page may go there. */
  willNavigate(url: string): boolean {
    const params: WebContentsWillFrameNavigateEventParams = {
      url,
      isSameDocument: false,
      isMainFrame: true,
      frame: this.mainFrame,
      initiator: this.mainFrame,
    }
    const frameEvent = cancellable(params)
    this.emit('will-frame-navigate', frameEvent)
    if (frameEvent.defaultPrevented) return false
    const event = cancellable(params)
    this.emit('will-navigate', event, url)
    return !event.defaultPrevented
  }

  windowOpen(url: string): 'allow' | 'deny' {
    const details: HandlerDetails = { url, frameName: '', features: '', disposition: 'foreground-tab', referrer: NO_REFERRER }
    return this.openHandler ? this.openHandler(details).action : 'allow'
  }
}

export interface WindowWorld {
  readonly link: MainLink
  isReady(): boolean
  /** Whether every process of a page is, whatever its window says. */
  isSandboxed(): boolean
  onContents(contents: WebContents): void
  onAllClosed(): void
}

/** Makes the BrowserWindow class of one running application, and the register by which the screen finds its windows. */
export function createWindows(world: WindowWorld) {
  const windows = new Map<number, StandInWindow & WindowEnds>()
  let lastId = 0

  class StandInWindow extends EventEmitter implements CoveredWindow, WindowEnds {
    static fromWebContents(contents: WebContents): StandInWindow | null {
      return windows.get(contents.id) ?? null
    }

    readonly id = ++lastId
    readonly contents: StandInContents
    readonly webContents: WebContents
    bounds: Rectangle
    isLarge = false

    constructor(options: BrowserWindowConstructorOptions = {}) {
      super()
      if (!world.isReady()) throw new Error('Cannot create BrowserWindow before app is ready')
      if (!world.isSandboxed()) throw new Error('The stand-in opens no window before app.enableSandbox.')
      checkPreferences(options)
      const { x = 0, y = 0, width = 800, height = 600 } = options
      this.bounds = { x, y, width, height }
      this.contents = new StandInContents(this.id, world.link)
      this.webContents = this.contents as unknown as WebContents
      windows.set(this.id, this)
      world.link.tell({ kind: 'open', window: this.id, preload: options.webPreferences?.preload ?? '', bounds: this.bounds })
      world.onContents(this.webContents)
      return onlyWhatIsCovered('BrowserWindow', this)
    }

    async loadURL(url: string): Promise<void> {
      const problem = await world.link.ask({ kind: 'load', window: this.id, url })
      if (problem !== null) throw new Error(String(problem))
    }

    getNormalBounds(): Rectangle {
      return { ...this.bounds }
    }

    isMaximized(): boolean {
      return this.isLarge
    }

    maximize(): void {
      this.isLarge = true
    }

    isMinimized(): boolean {
      return false
    }

    restore(): void {}

    show(): void {}

    focus(): void {
      world.link.tell({ kind: 'focus', window: this.id })
    }

    isDestroyed(): boolean {
      return this.contents.hasGone
    }

    destroy(): void {
      if (this.contents.hasGone) return
      windows.delete(this.id)
      world.link.tell({ kind: 'close', window: this.id })
      this.contents.hasGone = true
      this.contents.emit('destroyed')
      this.emit('closed')
      if (windows.size === 0) world.onAllClosed()
    }

    userCloses(): void {
      const event = cancellable({})
      this.emit('close', event)
      if (!event.defaultPrevented) this.destroy()
    }

    userMoves(bounds: Rectangle): void {
      this.bounds = bounds
    }
  }

  return { BrowserWindow: StandInWindow, windows }
}

/** What a test in Chromium cannot see going wrong: a window whose page would have had Node in it. */
function checkPreferences({ webPreferences = {} }: BrowserWindowConstructorOptions): void {
  const { sandbox, contextIsolation, webSecurity, nodeIntegration, nodeIntegrationInSubFrames, webviewTag } = webPreferences
  const isSafe = sandbox && contextIsolation && webSecurity && !nodeIntegration && !nodeIntegrationInSubFrames && !webviewTag
  if (!isSafe) throw new Error('The stand-in opens sandboxed windows only: sandbox, contextIsolation and webSecurity on, Node off.')
}
