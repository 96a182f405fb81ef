import { expect, it } from 'vitest'
import { describeDefect } from './defects.ts'

it('a defect is told without what is private in it, and without secrets of the environment', () => {
  const environment = { CRM_API_KEY: 'invented-variable-0123456789', HOME: '/home/ada' }
  const told = describeDefect('TypeError: row 7 of ada.lovelace@example.com has no cost\n    at /home/ada/room.js:1:2 (invented-variable-0123456789)', environment)
  expect(told).toContain('TypeError: row 7 of [EMAIL_REDACTED] has no cost\n    at /home/ada/room.js:1:2')
  expect(told).not.toContain('invented-variable')
})
