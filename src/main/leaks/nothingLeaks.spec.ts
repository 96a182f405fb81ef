import { describe } from 'vitest'
import { expectNothingLeaks } from './testVerdict.ts'

describe('A whole room with a master key, full of careless agents and people,', () => {
  expectNothingLeaks({ IRON_SECRETS_MASTER_KEY: '0123456789abcdef'.repeat(4) }, true)
})
