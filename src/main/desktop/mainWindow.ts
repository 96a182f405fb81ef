import { BrowserWindow, nativeTheme, screen } from 'electron'
import { launchLink } from '../../shared/launchLink.ts'
import { systemClock } from '../systemPorts.ts'
import { START_PAGE } from './appScheme.ts'
import { createPageCrashes } from './pageCrashes.ts'
import { tellInWindow } from './windowDialogs.ts'
import { placeWindow, readWindowState, SMALLEST_WINDOW, writeWindowState } from './windowState.ts'

export interface MainWindow {
  readonly window: BrowserWindow
  /** Puts the launch card of a script before the user's eyes; it starts nothing. */
  offer(script: string): void
  bringToFront(): void
  remember(): void
}

export interface MainWindowOptions {
  readonly preload: string
  readonly productName: string
  readonly stateFile: string
  readonly hasDevTools: boolean
  /** A script to offer as soon as the page is there. */
  readonly script: string | null
  /** Somebody wants the window closed. It stays until the process goes: its agents can be seen ending. */
  readonly onCloseAsked: () => void
}

export function openMainWindow(options: MainWindowOptions): MainWindow {
  const [primary, others] = displays()
  const { bounds, isMaximized } = placeWindow(readWindowState(options.stateFile), [primary, ...others])
  const window = new BrowserWindow({
    ...bounds,
    minWidth: SMALLEST_WINDOW.width,
    minHeight: SMALLEST_WINDOW.height,
    title: options.productName,
    // The page's own background, so that nothing flashes before it is there.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0c0e14' : '#f3f4f7',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      // The spell checker fetches its dictionaries from the network.
      spellcheck: false,
      devTools: options.hasDevTools,
    },
  })
  if (isMaximized) window.maximize()

  const remember = (): void => {
    // Not worth a word to anybody when it fails: the window opens in its usual place next time.
    try {
      writeWindowState(options.stateFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() })
    } catch {
      return
    }
  }
  window.on('close', (event) => {
    event.preventDefault()
    remember()
    options.onCloseAsked()
  })

  /** A load that another one overtakes rejects; the page says itself when it could not be shown. */
  const show = (address: string): void => void window.loadURL(address).catch(() => undefined)
  const crashes = createPageCrashes(systemClock)
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    if (window.isDestroyed()) return
    if (crashes.mayLoadAgain()) show(START_PAGE)
    else void tellOfCrashes(window)
  })
  show(options.script === null ? START_PAGE : START_PAGE + launchLink(options.script))

  return {
    window,
    offer: (script) => show(START_PAGE + launchLink(script)),
    bringToFront() {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
    remember: () => {
      if (!window.isDestroyed()) remember()
    },
  }
}

/** Not by showErrorBox: that would hold up the whole room, and agents with it, until somebody has read it. */
async function tellOfCrashes(window: BrowserWindow): Promise<void> {
  const detail = 'It crashed again and again. Agents run on; closing the window ends them. "Reload" in the View menu tries once more.'
  await tellInWindow(window, 'The page has stopped', detail)
}

function displays(): [Electron.Rectangle, Electron.Rectangle[]] {
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id)
  return [primary.workArea, others.map((display) => display.workArea)]
}
