import type { MenuItemConstructorOptions } from 'electron'

/** The usual roles and no more; what the room can do stands in the room. */
export function menuTemplate(options: { isMac: boolean; hasDevTools: boolean }): MenuItemConstructorOptions[] {
  const view: MenuItemConstructorOptions[] = [
    { role: 'reload' },
    ...(options.hasDevTools ? [{ role: 'toggleDevTools' } as const] : []),
    { type: 'separator' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ]
  return [
    options.isMac ? { role: 'appMenu' } : { label: '&File', submenu: [{ role: 'quit' }] },
    { role: 'editMenu' },
    { label: '&View', submenu: view },
    // Closing the window ends every agent: that stands in no menu under a key that is soon pressed by mistake. "Zoom" works on macOS only.
    options.isMac ? { role: 'windowMenu' } : { label: '&Window', submenu: [{ role: 'minimize' }] },
  ]
}
