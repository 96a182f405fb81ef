import { type BrowserWindow, shell, type WebContents } from 'electron'
import { isStartPage } from './appScheme.ts'
import { browserLink } from './browserLink.ts'
import { askInWindow, tellInWindow } from './windowDialogs.ts'

/** Whatever shows a page, wherever it came from: it stays where it is, opens nothing and hosts nothing. */
export function guardContents(contents: WebContents, windowOf: (contents: WebContents) => BrowserWindow | null): void {
  const stayHere = (event: Electron.Event<{ url: string }>): void => {
    if (!isStartPage(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', stayHere)
  contents.on('will-frame-navigate', stayHere)
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const window = windowOf(contents)
    const link = browserLink(url)
    if (window && link) void askToOpen(window, link)
    return { action: 'deny' }
  })
}

/** Links come out of agents' terminals: a click alone does not say that somebody has read where it leads. */
async function askToOpen(window: BrowserWindow, link: string): Promise<void> {
  if (!(await askInWindow(window, { message: 'Open this link in your browser?', detail: link, yes: 'Open', no: 'Cancel' }))) return
  try {
    await shell.openExternal(link)
  } catch {
    if (!window.isDestroyed()) await tellInWindow(window, 'No browser could be opened for this link.', link)
  }
}
