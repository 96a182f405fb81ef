import { describe, expect, it } from 'vitest'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { createRunTokens } from './runTokens.ts'

describe('run tokens', () => {
  it('lead to their run, and to no other, until it is over', () => {
    const tokens = createRunTokens()
    const one = sampleAgent({ id: 'lg-00000001' })
    const other = sampleAgent({ id: 'lg-00000002' })
    tokens.open('aa', one)
    tokens.open('bb', other)
    expect(tokens.find('aa')).toEqual({ agentId: one.id, plan: one.plan })
    expect(tokens.find('bb')?.agentId).toBe(other.id)
    tokens.close('aa')
    expect([tokens.find('aa'), tokens.find('bb')?.agentId, tokens.find(''), tokens.find('b')]).toEqual([null, other.id, null, null])
  })
})
