import { describe, expect, it } from 'vitest'
import { asLines, draftOfText, fileValueOf, linesIn, otherwise, pairOf, tellOtherwise, textOf, toChange, withPair } from './settingDraft.ts'
import { labelOf, SETTING_SECTIONS, settingsIn } from './settingSections.ts'
import { sampleSetting } from './testSettings.ts'

describe('what is typed over a setting', () => {
  const budget = sampleSetting('budget', { fallback: '$100.00', inFile: '$50.00', inVariable: '$5.00' })

  it('begins with what the file says, and knows what would hold without it', () => {
    expect([fileValueOf(budget), otherwise(budget), tellOtherwise(budget)]).toEqual(['$50.00', '$5.00', 'IRON_CAGE_BUDGET: $5.00'])
    const delay = sampleSetting('simulated_delay', { fallback: '0s' })
    expect([fileValueOf(delay), tellOtherwise(delay), tellOtherwise(sampleSetting('prices'))]).toEqual([null, 'default: 0s', 'not set'])
  })

  it('takes the setting out of the file where nothing is left', () => {
    expect([draftOfText(budget, ' '), draftOfText(budget, '75'), textOf(budget, null), textOf(budget, 7317)]).toEqual([null, '75', '', '7317'])
    expect([toChange('budget', null), toChange('budget', '75')]).toEqual([{ key: 'budget' }, { key: 'budget', value: '75' }])
  })

  it('leaves what may not be seen as it is, until something else is typed or it is taken out', () => {
    const webhook = sampleSetting('alert_webhook', { inFile: 'https://hooks.example.com/…', isMasked: true })
    const kept = fileValueOf(webhook)
    expect([textOf(webhook, kept), draftOfText(webhook, ''), draftOfText(webhook, 'https://x.example'), textOf(webhook, null)]).toEqual(['', kept, 'https://x.example', ''])
  })

  it('has a list’s lines, and a table’s choices', () => {
    expect([linesIn(' gpt-4* \n\nclaude-*\n'), asLines(['gpt-4*', 'claude-*']), asLines(null)]).toEqual([['gpt-4*', 'claude-*'], 'gpt-4*\nclaude-*', ''])
    expect(withPair({ phone: 'warn' }, 'ip', 'off')).toEqual({ phone: 'warn', ip: 'off' })
    expect([withPair({ phone: 'warn' }, 'phone', ''), withPair(null, 'ip', 'off'), pairOf({ phone: 'warn' }, 'phone'), pairOf(null, 'toString')]).toEqual([null, { ip: 'off' }, 'warn', ''])
  })
})

describe('the sections', () => {
  it('have each setting once, and the room’s one what no section knows', () => {
    const keys = SETTING_SECTIONS.flatMap((section) => section.keys as readonly string[])
    expect(new Set(keys).size).toBe(keys.length)
    const all = ['port', 'invented', 'budget'].map((key) => sampleSetting(key))
    const shown = SETTING_SECTIONS.flatMap((section) => settingsIn(section, all).map(({ key }) => `${section.id}: ${key}`))
    expect(shown).toEqual(['prices: budget', 'room: port', 'room: invented'])
  })

  it('call a setting by words', () => expect(['alert_email', 'max_restarts'].map(labelOf)).toEqual(['Mail to', 'Max restarts']))
})
