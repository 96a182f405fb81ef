import { describe, expect, it } from 'vitest'
import type { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createAllowances, parseNotPrivate, requireAllowance } from './allowances.ts'
import { createScanner } from '../scan/createScanner.ts'

const covers = (allowance: string, type: PrivateType, value: string): boolean =>
  createAllowances([parseNotPrivate(allowance)])({ type, start: 0, end: 1, value })

describe('createAllowances', () => {
  it.each<[string, PrivateType, string, boolean]>([
    ['CEO@Acme.com', 'email', 'ceo@acme.com', true],
    ['ceo@acme.com', 'email', 'cto@acme.com', false],
    ['@company.com', 'email', 'a@company.com', true],
    ['@company.com', 'email', 'a@mail.company.com', true],
    ['@company.com', 'email', 'a@mycompany.com', false],
    ['@company.com', 'email', 'a@company.com.example.org', false],
    ['@company.com', 'api-key', 'x@company.com', false],
    ['(415) 555-0132', 'phone', '+14155550132', true],
    ['+1 415 555 0132', 'phone', '+14155550132', true],
    ['415 555 0132', 'phone', '+444155550132', false],
    ['078-05-1120', 'ssn', '078051120', true],
    ['4111-1111-1111-1111', 'card', '4111111111111111', true],
    ['de89 3704 0044 0532 0130 00', 'iban', 'DE89370400440532013000', true],
    ['10.0.0.1', 'ip', '10.0.0.1', true],
    ['10.0.0.1', 'ip', '1.0.0.01', false],
    ['/^support[+]/', 'email', 'support+4711@acme.com', true],
    ['/^support$/', 'email', 'support@acme.com', false],
    ['/.*-secret/', 'secret', 'invented-secret', false],
    ['invented-secret', 'secret', 'invented-secret', true],
  ])('%s, and the %s %s: %s', (allowance, type, value, expected) => {
    expect(covers(allowance, type, value)).toBe(expected)
  })

  it('tries no pattern on what is very long', () => {
    expect(covers('/a/', 'api-key', 'a'.repeat(300))).toBe(true)
    expect(covers('/a/', 'api-key', 'a'.repeat(301))).toBe(false)
  })

  it('covers nothing where nothing is allowed', () => {
    expect(createAllowances([])({ type: 'email', start: 0, end: 1, value: 'a@acme.com' })).toBe(false)
  })

  it('keeps a scanner from telling what is not private', () => {
    const isNotPrivate = createAllowances([{ kind: 'domain', value: 'acme.com' }])
    const scanner = createScanner({ types: new Set<PrivateType>(['email', 'phone']), isNotPrivate })
    expect(scanner.scan('a@acme.com, b@example.com, 415-555-0132@acme.com').map(({ value }) => value)).toEqual(['b@example.com'])
  })
})

describe('parseNotPrivate', () => {
  it.each([
    ['@company.com', 'domain'],
    ['/^a/', 'pattern'],
    ['//', 'value'],
    ['ceo@acme.com', 'value'],
  ])('%s is a %s', (text, kind) => {
    expect(parseNotPrivate(text).kind).toBe(kind)
  })

  it.each([
    ['/.*/', 'The pattern /.*/ covers everything that can be found. Say what is not private, or change the rules instead.'],
    ['/[0-9]|@/', 'The pattern /[0-9]|@/ covers everything that can be found. Say what is not private, or change the rules instead.'],
    ['/(/', 'The pattern /(/ cannot be used: it is no regular expression. Expected one such as /^ORD-[0-9]+$/.'],
    ['/(?=a)/', 'The pattern /(?=a)/ cannot be used: it looks ahead or behind, which is not done here. Expected one such as /^ORD-[0-9]+$/.'],
    ['@', '"@" is no domain; expected one such as @company.com, which also covers mail.company.com.'],
    ['@a b', '"@a b" is no domain; expected one such as @company.com, which also covers mail.company.com.'],
    [' ', 'An empty value is never found, so it cannot be named as not private.'],
  ])('refuses %s', (text, sentence) => {
    expect(() => parseNotPrivate(text)).toThrow(sentence)
  })

  it('checks what was named with its kind', () => {
    expect(() => requireAllowance({ kind: 'pattern', value: '(a)\\1' })).toThrow('it has \\1, which is not known here')
    expect(() => requireAllowance({ kind: 'domain', value: 'company.com' })).not.toThrow()
  })
})
