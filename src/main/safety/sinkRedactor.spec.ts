import { describe, expect, it } from 'vitest'
import { redactJson } from './json/redactJson.ts'
import { createScanner } from './scan/createScanner.ts'
import type { Match, Scanner } from './scan/scanner.ts'
import { createSinkRedactor, WITHHELD, withholding } from './sinkRedactor.ts'

it('Behind a name that says so, a value is private that looks like nothing', () => {
  const { redact } = createSinkRedactor(createScanner)
  expect(redact('hunter2horse9', 'password')).toBe('[SECRET_REDACTED]')
  expect(redact('hunter2horse9', 'note')).toBe('hunter2horse9')
  expect(redact('hunter2horse9')).toBe('hunter2horse9')
  expect(redactJson({ login: { password: 'hunter2horse9', note: 'hunter2horse9' } }, redact)).toEqual({ login: { password: '[SECRET_REDACTED]', note: 'hunter2horse9' } })
})

describe('the redactor before our own sinks', () => {
  it.each([
    ['Contact ceo@acme.test', 'Contact [EMAIL_REDACTED]'],
    ['Call (415) 555-0132 now', 'Call [PHONE_REDACTED] now'],
    ['SSN 078-05-1120.', 'SSN [SSN_REDACTED].'],
    ['from 198.51.100.7', 'from [IP_REDACTED]'],
  ])('takes out: %s', (text, redacted) => {
    expect(createSinkRedactor(createScanner).redact(text)).toBe(redacted)
  })

  it.each([
    'lg-41555501',
    'call-4111111111111111',
    'find-0780511200000000',
    'listening on http://127.0.0.1:8423',
    'listening on http://[::1]:8423',
    'lead_gen_agent.py is running with pid 41555.',
    'It ended with exit code 1 after 3 restarts in a row without 10 s of healthy running.',
    'A checkpoint of 16000000 bytes was saved.',
    '2026-11-21T14:23:45.123Z',
  ])('leaves what is ours as it is: %s', (text) => {
    expect(createSinkRedactor(createScanner).redact(text)).toBe(text)
  })

  it('knows secrets from the moment on in which it is told of them, but none so short that it would tear holes', () => {
    const { redact, knowSecrets } = createSinkRedactor(createScanner)
    expect(redact('it said hunter2-invented')).toBe('it said hunter2-invented')
    knowSecrets(['hunter2-invented', 'true'])
    expect(redact('it said hunter2-invented')).toBe('it said [SECRET_REDACTED]')
    expect(redact('it is true')).toBe('it is true')
  })

  it('lets through what is named as not private, until that is taken back', () => {
    const { redact, allow } = createSinkRedactor(createScanner)
    allow((match: Match) => match.value.endsWith('@acme.test'))
    expect(redact('ceo@acme.test and ceo@other.test')).toBe('ceo@acme.test and [EMAIL_REDACTED]')
    allow(() => false)
    expect(redact('ceo@acme.test')).toBe('[EMAIL_REDACTED]')
  })

  it('makes no new scanner where nothing new is said', () => {
    let made = 0
    const { redact, knowSecrets } = createSinkRedactor((options): Scanner => {
      made++
      return createScanner(options)
    })
    knowSecrets(['hunter2-invented'])
    redact('one')
    knowSecrets(['hunter2-invented'])
    redact('two')
    expect(made).toBe(1)
  })

  it('withholds what cannot be looked through, where somebody needs an answer', () => {
    const { redact } = createSinkRedactor(() => {
      throw new Error('invented')
    })
    expect(() => redact('anything')).toThrow('invented')
    expect(withholding(redact)('anything')).toBe(WITHHELD)
  })
})
