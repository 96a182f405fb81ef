import type { Session } from 'electron'
import { describe, expect, it } from 'vitest'
import { guardSession, mayLoad, mayUse } from './sessionGuards.ts'

describe('what the window may load', () => {
  it.each([
    'app://control-room/',
    'app://control-room/assets/page.js',
    'blob:app://control-room/0f5a',
    'data:image/png;base64,AA==',
    'devtools://devtools/bundled/devtools_app.html',
  ])('loads %s', (address) => {
    expect(mayLoad(address)).toBe(true)
  })

  it.each([
    'https://example.com/',
    'http://127.0.0.1:4600/api/agents',
    'ws://127.0.0.1:4600/ws',
    'file:///etc/passwd',
    'app://elsewhere/',
    'blob:https://example.com/0f5a',
    'chrome-extension://abc/page.html',
    '',
  ])('never loads %j', (address) => {
    expect(mayLoad(address)).toBe(false)
  })
})

describe('what the page may use', () => {
  it.each(['clipboard-sanitized-write', 'fullscreen'])('may use %s, and only from our own origin', (permission) => {
    expect(mayUse(permission, 'app://control-room/')).toBe(true)
    expect(mayUse(permission, 'https://example.com/')).toBe(false)
    expect(mayUse(permission, undefined)).toBe(false)
  })

  it.each(['clipboard-read', 'notifications', 'media', 'geolocation', 'openExternal', 'fileSystem', 'local-network', 'unknown'])(
    'may not use %s',
    (permission) => {
      expect(mayUse(permission, 'app://control-room/')).toBe(false)
    },
  )
})

describe('a session that is guarded', () => {
  type Callback = (answer: never) => void
  type Handler = (...given: never[]) => unknown

  function guarded(): Record<string, Handler> {
    const handlers: Record<string, Handler> = {}
    const take = (name: string) => (handler: Handler) => void (handlers[name] = handler)
    const session = {
      setPermissionRequestHandler: take('request'),
      setPermissionCheckHandler: take('check'),
      setDevicePermissionHandler: take('device'),
      webRequest: { onBeforeRequest: take('load') },
    }
    guardSession(session as unknown as Session)
    return handlers
  }
  const asked = (handler: Handler | undefined, ...given: unknown[]): unknown => {
    let answer: unknown
    const callback: Callback = (said) => void (answer = said)
    ;(handler as ((...all: unknown[]) => void) | undefined)?.(...given.map((one) => (one === 'callback' ? callback : one)))
    return answer
  }

  it('asks for every right by both of its handlers, and gives no device', () => {
    const { request, check, device } = guarded()
    const own = { requestingUrl: 'app://control-room/' }
    expect(asked(request, null, 'clipboard-sanitized-write', 'callback', own)).toBe(true)
    expect(asked(request, null, 'media', 'callback', own)).toBe(false)
    expect(asked(request, null, 'clipboard-sanitized-write', 'callback', { requestingUrl: 'https://evil.example/' })).toBe(false)
    expect(check?.(...([null, 'fullscreen', 'app://control-room/', {}] as never[]))).toBe(true)
    expect(check?.(...([null, 'geolocation', 'app://control-room/', {}] as never[]))).toBe(false)
    expect(device?.(...([{ deviceType: 'usb', origin: 'app://control-room' }] as never[]))).toBe(false)
  })

  it('lets nothing through that is not ours', () => {
    const { load } = guarded()
    expect(asked(load, { url: 'app://control-room/assets/page.js' }, 'callback')).toEqual({ cancel: false })
    expect(asked(load, { url: 'https://elsewhere.example/' }, 'callback')).toEqual({ cancel: true })
    expect(asked(load, { url: 'file:///etc/passwd' }, 'callback')).toEqual({ cancel: true })
  })
})
