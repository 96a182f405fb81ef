import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserWindowConstructorOptions } from 'electron'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { openMainWindow } from './mainWindow.ts'

const made = vi.hoisted((): { options: BrowserWindowConstructorOptions; loaded: string[] }[] => [])

vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events')
  class BrowserWindow extends EventEmitter {
    readonly webContents = new EventEmitter()
    readonly loaded: string[] = []

    constructor(options: BrowserWindowConstructorOptions) {
      super()
      made.push({ options, loaded: this.loaded })
    }

    async loadURL(address: string): Promise<void> {
      this.loaded.push(address)
    }
  }
  const display = { id: 1, workArea: { x: 0, y: 0, width: 1600, height: 900 } }
  return { BrowserWindow, dialog: {}, nativeTheme: { shouldUseDarkColors: true }, screen: { getPrimaryDisplay: () => display, getAllDisplays: () => [display] } }
})

beforeEach(() => void made.splice(0))

function open(script: string | null = null): (typeof made)[number] {
  openMainWindow({ preload: '/room/preload.cjs', productName: 'Iron Cage Control Room', stateFile: '/nowhere/place.json', hasDevTools: false, script, onCloseAsked: () => undefined })
  return made[0]!
}

describe('the one window there is', () => {
  it('has these rights and no others: what Electron may come to offer has to be decided on here', () => {
    expect(open().options.webPreferences).toEqual({
      preload: '/room/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    })
  })

  it('shows our own scheme alone, whatever it is opened with', () => {
    for (const script of [null, '/home/ada/agent.py', 'https://evil.example/', 'javascript:alert(1)', '../../etc/passwd', 'file:///etc/passwd']) {
      made.splice(0)
      const [address] = open(script).loaded
      expect(new URL(address!).href.split('#')[0]).toBe('app://control-room/')
    }
  })
})

describe('of Electron', () => {
  const folders = [join(import.meta.dirname), join(import.meta.dirname, '../../preload')]
  const sources = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const),
  )

  it.each([
    ['no crash reporter is started: a dump of memory would hold what the room knows', /crashReporter/],
    ['no second window is made', /new BrowserWindow\((?![\s\S]*webPreferences)|new WebContentsView|new BrowserView/],
    ['no switch weakens Chromium', /disable-web-security|allow-running-insecure-content|ignore-certificate-errors|remote-debugging|disable-site-isolation/],
    ['no right of a page is widened', /allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|allowpopups|webSecurity: false|nodeIntegration: true/],
    ['no page runs what it was told as text', /executeJavaScript|insertCSS|loadFile\(/],
    ['no certificate is taken that Chromium refuses', /certificate-error|setCertificateVerifyProc/],
    ['no page may wait for the room while it holds up everything', /ipcMain\.handle|sendSync|returnValue/],
  ])('%s', (_what, pattern) => {
    expect(sources.length).toBeGreaterThan(15)
    expect(sources.filter(([, text]) => pattern.test(text)).map(([name]) => name)).toEqual([])
  })
})
