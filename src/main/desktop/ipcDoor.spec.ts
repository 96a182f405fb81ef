import { describe, expect, it } from 'vitest'
import { isTrustedSender } from './ipcDoor.ts'

describe('whose messages count', () => {
  it('trusts the top frame of our own page', () => {
    expect(isTrustedSender({ origin: 'app://control-room', parent: null, detached: false })).toBe(true)
  })

  it.each([
    ['a frame that has gone', null],
    ['a frame within our page', { origin: 'app://control-room', parent: {}, detached: false }],
    ['a page that is being replaced', { origin: 'app://control-room', parent: null, detached: true }],
    ['another site', { origin: 'https://example.com', parent: null, detached: false }],
    ['an opaque origin', { origin: 'null', parent: null, detached: false }],
    ['an origin that begins like ours', { origin: 'app://control-room.example', parent: null, detached: false }],
    ['another host of our scheme', { origin: 'app://elsewhere', parent: null, detached: false }],
  ])('does not trust %s', (_who, frame) => {
    expect(isTrustedSender(frame)).toBe(false)
  })
})
