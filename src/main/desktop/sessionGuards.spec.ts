import { describe, expect, it } from 'vitest'
import { mayLoad, mayUse } from './sessionGuards.ts'

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
