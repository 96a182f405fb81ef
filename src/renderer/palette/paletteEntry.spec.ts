import { expect, it } from 'vitest'
import { findEntries, type PaletteEntry } from './paletteEntry.ts'

const entry = (id: string, group: string, words: string, more: Partial<PaletteEntry> = {}): PaletteEntry => ({ id, group, words, icon: {}, act: () => {}, ...more })
const ENTRIES = [
  entry('lead', 'Agents', 'lead_gen_agent.py', { detail: 'lg-7a3f9c2d Running' }),
  entry('mail', 'Agents', 'mail_triage.mjs', { detail: 'mt-9c0d11fe Stopped' }),
  entry('cost', 'Panels', 'Cost', { also: 'budget money' }),
  entry('stop', 'Actions', 'Stop lead_gen_agent.py'),
  entry('dark', 'Appearance', 'Theme: Dark'),
]
const found = (asked: string): string[] => findEntries(ENTRIES, asked).flatMap(({ entries }) => entries.map(({ id }) => id))

it.each([
  ['', ['lead', 'mail', 'cost', 'stop', 'dark']],
  ['lead', ['lead', 'stop']],
  ['stop', ['stop', 'mail']],
  ['9c0d', ['mail']],
  ['budget', ['cost']],
  ['dark theme', ['dark']],
  ['agent stop lead', ['stop']],
  ['zebra', []],
])('finds for "%s"', (asked, ids) => {
  expect(found(asked)).toEqual(ids)
})
