import { type BrowserWindow, dialog, shell, type WebContents } from 'electron'
import { isStartPage } from './appScheme.ts'
import { browserLink } from './browserLink.ts'

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
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'Open this link in your browser?',
    detail: link,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  })
  if (response !== 0) return
  try {
    await shell.openExternal(link)
  } catch {
    if (window.isDestroyed()) return
    const message = 'No browser could be opened for this link.'
    await dialog.showMessageBox(window, { type: 'error', message, detail: link, buttons: ['OK'], noLink: true })
  }
}
