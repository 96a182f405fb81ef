import type { Session } from 'electron'
import { isOwnUrl } from './appScheme.ts'

/** Whether something in the window may load this address at all: our own files, and Chromium's developer tools. */
export function mayLoad(address: string): boolean {
  if (address.startsWith('devtools://') || address.startsWith('data:')) return true
  return isOwnUrl(address.startsWith('blob:') ? address.slice('blob:'.length) : address)
}

/** Copying from a terminal, and all of the screen in stage mode. Notifications and what is taken out of the clipboard again are done outside the page. */
const NEEDED: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'fullscreen'])

/** Whether the page has this right. */
export function mayUse(permission: string, requestingAddress: string | undefined): boolean {
  return NEEDED.has(permission) && requestingAddress !== undefined && isOwnUrl(requestingAddress)
}

/** Without both permission handlers Electron says yes to everything. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => callback(mayUse(permission, details.requestingUrl)))
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) => mayUse(permission, requestingOrigin))
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest((details, callback) => callback({ cancel: !mayLoad(details.url) }))
}
