import { describe, expect, it } from 'vitest'
import { isTrustedSender } from './ipcDoor.ts'

describe('whose messages count', () => {
  it('trusts the top frame of our own page', () => {
    expect(isTrustedSender({ origin: 'app://control-room', parent: null })).toBe(true)
  })

  it.each([
    ['a frame that has gone', null],
    ['a frame within our page', { origin: 'app://control-room', parent: {} }],
    ['another site', { origin: 'https://example.com', parent: null }],
    ['an opaque origin', { origin: 'null', parent: null }],
    ['an origin that begins like ours', { origin: 'app://control-room.example', parent: null }],
    ['another host of our scheme', { origin: 'app://elsewhere', parent: null }],
  ])('does not trust %s', (_who, frame) => {
    expect(isTrustedSender(frame)).toBe(false)
  })
})
