import { describe, expect, it } from 'vitest'
import { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createScanner } from './createScanner.ts'
import { scanInSlices, SLICE_CHARACTERS } from './scanInSlices.ts'

const scanner = createScanner({ types: new Set(PrivateType.options) })
/** An address stands across each border between two slices. */
const LONG = `${'word '.repeat(26_213)}ceo@acme.com ${'word '.repeat(26_209)}and ceo@acme.com `

describe('A long text', () => {
  it('holds what it holds as a whole', async () => {
    const matches = await scanInSlices(scanner, LONG)
    expect(matches).toHaveLength(2)
    expect(matches).toEqual(scanner.scan(LONG))
    expect(matches.some(({ start, end }) => Math.floor(start / SLICE_CHARACTERS) < Math.floor(end / SLICE_CHARACTERS))).toBe(true)
  })

  it('lets others have their turn in between', async () => {
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await scanInSlices(scanner, LONG)
    isOver = true
    expect(turns).toBeGreaterThanOrEqual(2)
  })
})
