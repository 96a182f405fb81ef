import { expect, it } from 'vitest'
import type { SettingLayer } from './contract/settings.ts'
import { showSetting, tellEffect, tellInUse, tellOrigin, tellOutranked } from './settingSentences.ts'

const DEFAULT: SettingLayer = { origin: 'default', source: null, value: '$100.00' }
const FILE: SettingLayer = { origin: 'user settings', source: '/home/ada/settings.yaml', value: '$50.00' }
const VARIABLE: SettingLayer = { origin: 'environment', source: 'IRON_CAGE_BUDGET', value: '$5.00' }

it.each([
  [null, 'nothing'],
  [true, 'on'],
  [7317, '7317'],
  ['60s', '60s'],
  [[], 'an empty list'],
  [['gpt-4*', 'claude-*'], 'gpt-4*, claude-*'],
  [{}, 'nothing'],
  [{ phone: 'warn', ip: 'off' }, 'phone warn, ip off'],
])('shows %j as %s', (value, words) => expect(showSetting(value)).toBe(words))

it('tells who says it, and what goes before the file', () => {
  expect([VARIABLE, FILE, DEFAULT].map(tellOrigin)).toEqual(['IRON_CAGE_BUDGET', 'settings.yaml', null])
  expect(tellOutranked({ layers: [VARIABLE, FILE, DEFAULT] })).toBe('IRON_CAGE_BUDGET says $5.00, and goes before the file.')
  expect([[FILE, DEFAULT], [VARIABLE, DEFAULT], [DEFAULT]].map((layers) => tellOutranked({ layers }))).toEqual([null, null, null])
})

it('tells when a change is felt, and what is in use until then', () => {
  expect((['at once', 'next start', 'room restart'] as const).map((takesEffect) => tellEffect({ takesEffect }))).toEqual([
    'It holds at once.',
    'It holds for agents from their next start.',
    'It holds when the room is started again.',
  ])
  expect([tellInUse({}), tellInUse({ inUse: 7317 })]).toEqual([null, 'In use is 7317, until the room is started again.'])
})
