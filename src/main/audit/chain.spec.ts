import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CHAIN_START, chainHash, sealOf, type ChainFields } from './chain.ts'

describe('the hash of a link', () => {
  it('is what anybody can compute who knows the fields: SHA-256 over the hash before it and the pairs in the order of their names', () => {
    const expected = createHash('sha256').update(`${CHAIN_START}\n[["at",7],["who","Ünïcode 🚀"]]`).digest('hex')
    expect(chainHash(CHAIN_START, { who: 'Ünïcode 🚀', at: 7 })).toBe(expected)
  })

  it('is the same in whatever order the fields are named', () => {
    expect(chainHash(CHAIN_START, { a: 1, b: null })).toBe(chainHash(CHAIN_START, { b: null, a: 1 }))
  })

  it('is another one for every other content, also where texts would read the same one after the other', () => {
    const all = [
      { a: 'x', b: 'y' },
      { a: 'xy', b: '' },
      { a: '', b: 'xy' },
      { a: 'x', b: 'y', c: '' },
      { a: 'x', b: null },
      { a: 'x', b: 'null' },
      { a: 'x","b":"y' },
      { a: 'x"],["b","y' },
      { a: '1' },
      { a: 1 },
      { a: true },
      { a: 'true' },
    ]
    const hashes = [...(all as ChainFields[]).map((fields) => chainHash(CHAIN_START, fields)), chainHash('f'.repeat(64), { a: 1 })]
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  it('is sealed for one audit, one end and one key', () => {
    const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    const end = { place: 3, hash: 'a'.repeat(64) }
    const seals = [
      sealOf(key, 'safety', end),
      sealOf(other, 'safety', end),
      sealOf(key, 'secrets', end),
      sealOf(key, 'safety', { ...end, place: 4 }),
      sealOf(key, 'safety', { ...end, hash: 'b'.repeat(64) }),
    ]
    expect(new Set(seals).size).toBe(seals.length)
    expect(sealOf(key, 'safety', { ...end })).toBe(seals[0])
  })
})
