import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../shared/errors.ts'
import { editSettingsText } from './editSettingsText.ts'

const edit = (text: string, changes: Record<string, JsonValue | undefined>): string => editSettingsText(text, new Map(Object.entries(changes)))

const WRITTEN = `# What our team may spend
budget:   50   # agreed in March

safety_types: { phone: warn }
allowed_models:
    - "gpt-4*"   # no others
    - claude-*
# the last one
env: staging
`

describe('editSettingsText', () => {
  it('changes a value and nothing else', () => {
    expect(edit(WRITTEN, { budget: 75 })).toBe(WRITTEN.replace('budget:   50 ', 'budget: 75 '))
    expect(edit(WRITTEN, { env: 'production' })).toBe(WRITTEN.replace('env: staging', 'env: production'))
    expect(edit(WRITTEN, { safety_types: { email: 'block' } })).toBe(WRITTEN.replace('safety_types: { phone: warn }', 'safety_types:\n  email: block'))
  })

  it('writes what was not there at the end', () => {
    expect(edit('', { port: 7400 })).toBe('port: 7400\n')
    expect(edit('env: staging', { port: 7400 })).toBe('env: staging\nport: 7400\n')
    expect(edit('# nothing yet\n', { allowed_hosts: [] })).toBe('# nothing yet\nallowed_hosts: []\n')
  })

  it('takes a setting out with its line, and leaves the remarks above it', () => {
    expect(edit(WRITTEN, { budget: undefined })).toBe(WRITTEN.replace('budget:   50   # agreed in March\n', ''))
    expect(edit(WRITTEN, { env: undefined })).toBe(WRITTEN.replace('env: staging\n', ''))
    expect(edit('env: staging', { env: undefined })).toBe('')
    expect(edit(WRITTEN, { port: undefined })).toBe(WRITTEN)
  })

  it('replaces a list, and what stands after it stays', () => {
    const edited = edit(WRITTEN, { allowed_models: ['gpt-5'] })
    expect(parse(edited)).toEqual({ ...parse(WRITTEN), allowed_models: ['gpt-5'] })
    expect(edited).toContain('# the last one\nenv: staging\n')
    expect(edited).toContain('budget:   50   # agreed in March\n')
    expect(parse(edit(WRITTEN, { allowed_models: undefined, env: 'production' }))).toEqual({ budget: 50, safety_types: { phone: 'warn' }, env: 'production' })
  })

  it.each([
    ['in braces', '{budget: 50, env: staging} # one line\n'],
    ['with a document’s marks', '---\nbudget: 50\nenv: staging\n...\n'],
    ['with quotes', '"budget": 50\n\'env\': "staging"\n'],
    ['with Windows’ line ends', 'budget: 50\r\nenv: staging\r\n'],
    ['as a text of several lines', 'budget: >-\n  50\nenv: staging\n'],
    ['with no value', 'budget:\nenv: staging\n'],
    ['with an anchor', 'budget: &b 50\nenv: staging\n'],
  ])('keeps a file whole that is written %s', (_way, text) => {
    expect(parse(edit(text, { budget: 60, port: 0 }))).toEqual({ budget: 60, env: 'staging', port: 0 })
    expect(parse(edit(text, { budget: undefined }))).toEqual({ env: 'staging' })
  })

  it.each(['true', '12', '# no remark', ' around ', 'two\nlines', '*', '@company.com', '/^ORD-[0-9]+$/', '${HOME}', 'ünï', '- a'])('writes the text %j so that it is read as that', (text) => {
    expect(parse(edit(WRITTEN, { prices: text, not_private: [text] }))).toEqual({ ...parse(WRITTEN), prices: text, not_private: [text] })
  })
})
