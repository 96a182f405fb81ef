import { describe, expect, it } from 'vitest'
import { CallId } from '../../shared/domain/llm.ts'
import { createCallIds } from './callIds.ts'

describe('call ids', () => {
  it('are never the same, not even when they are many', () => {
    const beginnings = ['0123456789ab', 'abcdefabcdef']
    const next = createCallIds({ hex: () => beginnings.shift()!, fraction: () => 0 })
    expect([next(), next()]).toEqual(['call-0123456789ab0000', 'call-0123456789ab0001'])
    expect(CallId.safeParse(next()).success).toBe(true)
    for (let i = 3; i < 16 ** 4 - 1; i++) next()
    expect([next(), next()]).toEqual(['call-0123456789abffff', 'call-abcdefabcdef0000'])
  })
})
