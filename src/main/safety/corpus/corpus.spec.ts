import { describe, expect, it } from 'vitest'
import { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createScanner } from '../scan/createScanner.ts'
import { measureCorpus } from './measureCorpus.ts'
import { readCorpus } from './readCorpus.ts'

const samples = readCorpus()
const scores = new Map(measureCorpus(createScanner({ types: new Set(PrivateType.options) }), samples).map((score) => [score.type, score]))

describe('On the corpus', () => {
  it('there are at least 400 texts with something private, and as many that only look like it', () => {
    expect(samples.filter(({ expected }) => expected.length > 0).length).toBeGreaterThanOrEqual(400)
    expect(samples.filter(({ expected }) => expected.length === 0).length).toBeGreaterThanOrEqual(400)
  })

  it.each([
    ['email', 0.98],
    ['ssn', 0.98],
    ['phone', 0.95],
    ['itin', 0.95],
    ['card', 0.95],
    ['iban', 0.95],
    ['ip', 0.95],
    ['api-key', 0.95],
  ] as const)('%s is found with a precision and a recall of at least %d', (type, goal) => {
    const { precision, recall, missed, false: wrong } = scores.get(type) ?? expect.fail(`nothing was measured for ${type}`)
    expect(Math.min(precision, recall), JSON.stringify({ missed, wrong })).toBeGreaterThanOrEqual(goal)
  })

  it('a sample’s markers are read as they stand', () => {
    expect(samples.find(({ text }) => text.startsWith('Contact'))).toEqual({
      family: 'email',
      text: 'Contact ceo@acme.com',
      expected: [{ type: 'email', start: 8, end: 20 }],
    })
    expect(samples.filter(({ text }) => /[«»]|\\u\{/.test(text))).toEqual([])
  })
})
