import { describe, expect, it } from 'vitest'
import type { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { chooseMatches } from './overlaps.ts'
import type { Match } from './scanner.ts'

const match = (type: PrivateType, start: number, end: number): Match => ({ type, start, end, value: `${type} ${start}` })
const chosen = (openFrom: number, ...all: Match[]): [string[], number] => {
  const { matches, settled } = chooseMatches(all, openFrom)
  return [matches.map(({ value }) => value), settled]
}

describe('chooseMatches', () => {
  it('leaves those that do not overlap, in order', () => {
    expect(chosen(50, match('phone', 30, 40), match('email', 0, 10), match('ip', 10, 20))).toEqual([['email 0', 'ip 10', 'phone 30'], 50])
  })

  it.each<[PrivateType, PrivateType]>([
    ['secret', 'api-key'],
    ['api-key', 'email'],
    ['email', 'card'],
    ['iban', 'card'],
    ['card', 'ssn'],
    ['ssn', 'phone'],
    ['phone', 'ip'],
  ])('prefers %s to %s, whichever comes first', (better, worse) => {
    expect(chosen(50, match(better, 5, 10), match(worse, 0, 8))[0]).toEqual([`${better} 5`])
    expect(chosen(50, match(worse, 8, 20), match(better, 5, 10))[0]).toEqual([`${better} 5`])
  })

  it('keeps what only the loser of another overlap stood against', () => {
    expect(chosen(50, match('ip', 0, 10), match('phone', 5, 15), match('email', 12, 20))[0]).toEqual(['ip 0', 'email 12'])
  })

  it('keeps the longer of two of a kind that begin together', () => {
    expect(chooseMatches([match('secret', 0, 5), match('secret', 0, 9)], 20).matches.map(({ end }) => end)).toEqual([9])
  })

  it('leaves for later what reaches beyond what is certain, and what that may win against', () => {
    expect(chosen(15, match('email', 10, 20))).toEqual([[], 10])
    expect(chosen(15, match('phone', 5, 12), match('email', 10, 20))).toEqual([[], 5])
    expect(chosen(15, match('ip', 0, 6), match('phone', 5, 12), match('email', 10, 20))).toEqual([[], 0])
    expect(chosen(15, match('email', 5, 12), match('phone', 10, 20))).toEqual([['email 5'], 15])
  })
})
