import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SIGN_IN_HEADERS } from '../api/signInPage.ts'
import { SECURITY_HEADERS } from './securityHeaders.ts'

function directivesOf(headers: Readonly<Record<string, string>>): Map<string, string[]> {
  return new Map(headers['content-security-policy']!.split('; ').map((directive) => directive.split(' ')).map(([name, ...sources]) => [name!, sources]))
}

describe.each([
  ['every page and answer', SECURITY_HEADERS],
  ['the sign-in page', SIGN_IN_HEADERS],
])('the content security policy of %s', (_what, headers) => {
  const directives = directivesOf(headers)

  it('lets nothing unsafe through, no wildcard, no scheme but data: for pictures, and no other host', () => {
    expect(directives.get('default-src')).toEqual(["'none'"])
    for (const [name, sources] of directives) {
      for (const source of sources) {
        const isKnown = source === "'none'" || source === "'self'" || (name === 'img-src' && source === 'data:') || (name === 'style-src' && /^'sha256-[\w+/]{43}='$/.test(source))
        expect([name, source, isKnown]).toEqual([name, source, true])
      }
    }
  })

  it('says itself what no default stands for', () => {
    for (const name of ['base-uri', 'form-action', 'frame-ancestors']) expect(directives.get(name)).toHaveLength(1)
  })
})

it('the one inline style that every page may have is the empty one', () => {
  const hashes = directivesOf(SECURITY_HEADERS).get('style-src')!.filter((source) => source !== "'self'")
  expect(hashes).toEqual([`'sha256-${createHash('sha256').update('').digest('base64')}'`])
})

it('no page of ours may use a device, see the screen or know where it is', () => {
  for (const headers of [SECURITY_HEADERS, SIGN_IN_HEADERS]) {
    for (const feature of ['camera', 'display-capture', 'geolocation', 'hid', 'microphone', 'serial', 'usb']) expect(headers['permissions-policy']!.split(', ')).toContain(`${feature}=()`)
  }
})
