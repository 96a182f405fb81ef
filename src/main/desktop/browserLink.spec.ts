import { describe, expect, it } from 'vitest'
import { browserLink } from './browserLink.ts'

describe('what may be opened in the browser', () => {
  it('passes plain web addresses, in the form in which the browser will read them', () => {
    expect(browserLink('https://example.com/a?b=c#d')).toBe('https://example.com/a?b=c#d')
    expect(browserLink('http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080/')
    expect(browserLink('HTTPS://EXAMPLE.com')).toBe('https://example.com/')
    expect(browserLink('https://bänk.example/')).toBe('https://xn--bnk-qla.example/')
  })

  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'app://control-room/',
    'mailto:someone@example.com',
    'smb://server/share',
    'ms-settings:display',
    'vscode://file/etc/passwd',
    'https://bank.example@evil.example/',
    'https://user:word@example.com/',
    'https://',
    'about:blank',
    'example.com',
    '',
    `https://example.com/${'a'.repeat(2048)}`,
  ])('refuses %s', (address) => {
    expect(browserLink(address)).toBeNull()
  })
})
