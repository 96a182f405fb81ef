import type { CallbackResponse, CustomScheme, OnBeforeRequestListenerDetails, PermissionRequest, Protocol, Session, WebContents, WebRequest } from 'electron'
import type { Served } from './link.ts'
import { onlyWhatIsCovered } from './onlyWhatIsCovered.ts'

type Handler = Parameters<Protocol['handle']>[1]
type BeforeRequest = (details: OnBeforeRequestListenerDetails, callback: (response: CallbackResponse) => void) => void

export interface PageSessionOptions {
  requireReady(what: string): void
  requireBeforeReady(what: string): void
}

/** What stands between a page and what it asks for: schemes, requests and permissions. */
export function createPageSession({ requireReady, requireBeforeReady }: PageSessionOptions) {
  const privileged = new Map<string, CustomScheme>()
  const handlers = new Map<string, Handler>()

  const coveredProtocol = {
    registerSchemesAsPrivileged(schemes: CustomScheme[]): void {
      requireBeforeReady('protocol.registerSchemesAsPrivileged')
      if (privileged.size > 0) throw new Error('protocol.registerSchemesAsPrivileged can be called only once')
      for (const scheme of schemes) privileged.set(scheme.scheme, scheme)
    },
    handle(scheme: string, handler: Handler): void {
      requireReady('protocol.handle')
      handlers.set(scheme, handler)
    },
  } satisfies Pick<Protocol, 'registerSchemesAsPrivileged' | 'handle'>
  const protocol = onlyWhatIsCovered('protocol', coveredProtocol)

  let beforeRequest: BeforeRequest | null = null
  let permissionRequest: Parameters<Session['setPermissionRequestHandler']>[0] = null
  let permissionCheck: Parameters<Session['setPermissionCheckHandler']>[0] = null

  const webRequest = onlyWhatIsCovered('session.webRequest', {
    onBeforeRequest(listener: BeforeRequest | null): void {
      beforeRequest = listener
    },
  } satisfies { [K in 'onBeforeRequest']: (listener: BeforeRequest | null) => void }) as unknown as WebRequest

  const coveredSession = {
    webRequest,
    setPermissionRequestHandler(handler): void {
      permissionRequest = handler
    },
    setPermissionCheckHandler(handler): void {
      permissionCheck = handler
    },
    setDevicePermissionHandler(): void {},
  } satisfies Pick<Session, 'webRequest' | 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>

  const session = onlyWhatIsCovered('session', {
    get defaultSession(): Session {
      requireReady('session')
      return onlyWhatIsCovered('session.defaultSession', coveredSession) as unknown as Session
    },
  })

  /** Runs a request of the page the way Electron does: past the web request listener, then to the scheme's handler. */
  async function serve(url: string, method: string): Promise<Served> {
    const details = { id: 1, url, method, resourceType: 'other', referrer: '', timestamp: 0, uploadData: [] } as OnBeforeRequestListenerDetails
    const listener = beforeRequest
    const verdict = listener ? await new Promise<CallbackResponse>((resolve) => listener(details, resolve)) : {}
    if (verdict.cancel) return null
    const handler = handlers.get(new URL(url).protocol.slice(0, -1))
    if (!handler) return null
    const response = await handler(new Request(url.replace(/#.*$/s, ''), { method }) as Parameters<Handler>[0])
    const body = Buffer.from(await response.arrayBuffer())
    return { status: response.status, headers: Object.fromEntries(response.headers), bodyBase64: body.toString('base64') }
  }

  async function isPermitted(contents: WebContents, permission: string, origin: string): Promise<boolean> {
    // Electron grants what nobody refuses.
    const name = permission as 'unknown'
    const details: PermissionRequest = { isMainFrame: true, requestingUrl: `${origin}/` }
    if (permissionCheck ? permissionCheck(contents, name, `${origin}/`, details) : true) return true
    const request = permissionRequest
    return request ? new Promise((resolve) => request(contents, name, resolve, details)) : true
  }

  return { protocol, session, serve, isPermitted }
}
