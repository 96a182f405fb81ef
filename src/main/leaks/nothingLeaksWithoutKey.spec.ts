import { describe } from 'vitest'
import { expectNothingLeaks } from './testVerdict.ts'

describe('A whole room without a master key, full of careless agents and people,', () => {
  expectNothingLeaks({}, false)
})
