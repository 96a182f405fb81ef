import { expect, it } from 'vitest'
import { figuresOf } from './figures.ts'
import { sampleBudget, sampleService } from './testRehearsal.ts'

const NONE = { found: 0, redacted: 0, blocked: 0, warned: 0, unauthorised: 0, injection: 0, byType: {} }

it('reads the figures as the panels write them', () => {
  expect(figuresOf({ budget: sampleBudget({ savedAgainstBaseline: 64_860_000_000 }), performance: null, services: [], findings: NONE })).toMatchObject({
    spent: '$5.29 / $50.00',
    used: '10.6% used',
    average: '$0.23 avg/lead',
    projection: 'Projection: $23.00 total',
    baseline: 'vs Baseline: $64.86 saved',
    increase: 'Approve $25 increase',
    progress: '–',
    breaker: '–',
    findings: '0',
  })
})

it.each([
  ['closed', 'closed'],
  ['open', 'open'],
  // At which moment it tries a call is a question of time.
  ['half-open', 'open'],
] as const)('tells of a breaker that is %s: %s', (state, told) => {
  expect(figuresOf({ budget: sampleBudget(), performance: null, services: [sampleService({ service: 'clearbit', state: 'closed' }), sampleService({ state })], findings: NONE }).breaker).toBe(told)
})

it('counts findings by their types', () => {
  const findings = { ...NONE, found: 3, redacted: 3, byType: { ssn: 1, phone: 1, email: 1, card: 0 } }
  expect(figuresOf({ budget: sampleBudget(), performance: null, services: [], findings }).findings).toBe('3, email 1, phone 1, ssn 1')
})
