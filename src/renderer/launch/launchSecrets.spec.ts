import { describe, expect, it } from 'vitest'
import { samplePlan } from '../../shared/domain/testAgents.ts'
import { sampleSecret } from '../secrets/testSecrets.ts'
import { secretsFor } from './launchSecrets.ts'

const secret = (name: string, changes: Partial<ReturnType<typeof sampleSecret>> = {}) => sampleSecret({ name, environment: 'staging', ...changes })
const STORED = [
  secret('OPENAI_API_KEY'),
  secret('CRM_TOKEN', { delivery: 'sealed', hosts: ['crm.invented.example'] }),
  secret('OLD_KEY', { deleted_at: '2026-11-20T12:00:00.000Z' }),
  secret('LIVE_KEY', { environment: 'production' }),
]
const plan = (changes: Parameters<typeof samplePlan>[0] = {}) => samplePlan({ environment: 'staging', secrets: null, ...changes })

describe('the secrets that a run would get', () => {
  it('are all of its environment, sealed ones marked as such', () => {
    expect(secretsFor(plan(), STORED)).toEqual({
      given: [
        { name: 'CRM_TOKEN', isSealed: true },
        { name: 'OPENAI_API_KEY', isSealed: false },
      ],
      missing: [],
    })
    expect(secretsFor(plan({ sealSecrets: true }), STORED).given.every(({ isSealed }) => isSealed)).toBe(true)
  })

  it('are those that are named, and what of them is not there', () => {
    expect(secretsFor(plan({ secrets: ['OPENAI_API_KEY', 'OLD_KEY', 'LIVE_KEY'] }), STORED)).toEqual({ given: [{ name: 'OPENAI_API_KEY', isSealed: false }], missing: ['OLD_KEY', 'LIVE_KEY'] })
    expect(secretsFor(plan({ secrets: [] }), STORED)).toEqual({ given: [], missing: [] })
  })

  it('are none of those that the launch gives itself', () => {
    expect(secretsFor(plan({ variables: { CRM_TOKEN: 'x' } }), STORED).given.map(({ name }) => name)).toEqual(['OPENAI_API_KEY'])
    expect(secretsFor(plan({ secrets: ['CRM_TOKEN', 'ABSENT'], variables: { CRM_TOKEN: 'x', ABSENT: 'y' } }), STORED)).toEqual({ given: [], missing: [] })
  })
})
