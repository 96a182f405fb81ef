import { describe, expect, it } from 'vitest'
import { hostsIn, isComplete, toSecret, withoutLastBreak, type SecretDraft } from './secretDraft.ts'

const draft = (changes: Partial<SecretDraft> = {}): SecretDraft => ({ name: 'A_KEY', value: 'x', environment: 'production', delivery: 'value', hosts: '', ...changes })

describe('what is typed of a secret', () => {
  it.each([
    ['sk-invented\n', 'sk-invented'],
    ['sk-invented\r\n', 'sk-invented'],
    [' sk-invented ', ' sk-invented '],
    ['-----BEGIN\nx\n-----END\n', '-----BEGIN\nx\n-----END\n'],
    ['\n', ''],
  ])('%j is kept as %j', (typed, kept) => {
    expect(withoutLastBreak(typed)).toBe(kept)
  })

  it('names hosts with commas, blanks or lines between them, each once', () => {
    expect(hostsIn(' api.openai.com, *.example.org\n127.0.0.1:4000 api.openai.com')).toEqual(['api.openai.com', '*.example.org', '127.0.0.1:4000'])
  })

  it('is complete with a name and a value, and with hosts where it is sealed', () => {
    expect([isComplete(draft()), isComplete(draft({ name: ' ' })), isComplete(draft({ value: '\n' })), isComplete(draft({ delivery: 'sealed' }))]).toEqual([true, false, false, false])
    expect(toSecret(draft({ name: ' A_KEY ', value: 'x\n', delivery: 'sealed', hosts: 'api.openai.com' }))).toEqual({ name: 'A_KEY', value: 'x', environment: 'production', delivery: 'sealed', hosts: ['api.openai.com'] })
  })
})
