import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import type { Keychain, KeychainAnswer } from './keychain.ts'
import { keysOfMaster } from './testKeys.ts'

const FIRST = '0123456789abcdef'.repeat(4)
const SECOND = 'fedcba9876543210'.repeat(4)
const keychainSaying = (answer: KeychainAnswer): Keychain => ({ masterKey: async () => answer, replace: async () => false })
const keychainWith = (key: string): Keychain => keychainSaying({ key })

describe('the master key', () => {
  it('comes from the variable before the keychain', async () => {
    const asked: string[] = []
    const keychain: Keychain = { ...keychainWith(SECOND), masterKey: async () => (asked.push('asked'), { key: SECOND }) }
    const keys = await keysOfMaster({ environment: { IRON_SECRETS_MASTER_KEY: FIRST }, keychain })
    expect(keys.source).toBe('environment')
    expect(asked).toEqual([])
    const alone = await keysOfMaster({ environment: {}, keychain })
    expect(alone.source).toBe('keychain')
    expect(alone.derive('a')).not.toEqual(keys.derive('a'))
  })

  it.each([null, keychainSaying({ without: 'empty' }), keychainSaying({ without: 'foreign' })])('is nowhere else: then nothing can be derived (%#)', async (keychain) => {
    const keys = await keysOfMaster({ environment: {}, keychain })
    expect(keys.source).toBeNull()
    expect(keys.derive('originals')).toBeNull()
  })

  it.each(['', 'hunter2', FIRST.slice(1), `${FIRST}0`, `${FIRST}\n`, ` ${FIRST.slice(1)}`, 'g'.repeat(64)])('is refused when it is no 64 hex digits (%#), and not repeated', async (given) => {
    const problem: unknown = await keysOfMaster({ environment: { IRON_SECRETS_MASTER_KEY: given }, keychain: keychainWith(SECOND) }).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(AppError)
    const { code, message, details } = problem as AppError
    expect(code).toBe('INVALID_CONFIGURATION')
    expect(message).toContain('IRON_SECRETS_MASTER_KEY')
    if (given.trim() !== '') expect(`${message}${JSON.stringify(details)}`).not.toContain(given.trim())
  })

  it('gives each purpose its own key, the same one every time, whatever the case of its digits', async () => {
    const keys = await keysOfMaster({ environment: { IRON_SECRETS_MASTER_KEY: FIRST }, keychain: null })
    const again = await keysOfMaster({ environment: { IRON_SECRETS_MASTER_KEY: FIRST.toUpperCase() }, keychain: null })
    expect(keys.derive('originals')).toHaveLength(32)
    expect(keys.derive('originals')).toEqual(again.derive('originals'))
    expect(keys.derive('originals')).not.toEqual(keys.derive('launch-plans'))
    expect(keys.derive('originals')?.toString('hex')).not.toBe(FIRST)
  })

  it('is derived as it always was: what was sealed years ago still opens', async () => {
    const keys = await keysOfMaster({ environment: { IRON_SECRETS_MASTER_KEY: FIRST }, keychain: null })
    expect(keys.derive('originals')?.toString('hex')).toBe('2472b4c9e15641ccf20ac8e15e145f8d5c13da8af5b09eaa38c4399296182553')
  })
})
