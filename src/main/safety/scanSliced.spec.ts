import { describe, expect, it } from 'vitest'
import { PrivateType } from '../../shared/domain/safetyRules.ts'
import { createTestClock } from '../access/testClock.ts'
import { createScanner } from './createScanner.ts'
import { scanSliced } from './scanSliced.ts'

const scanner = createScanner({ types: new Set(PrivateType.options) })
const clock = createTestClock()
/** An address stands across each border between two slices. */
const LONG = Array.from({ length: 5 }, () => `${'word '.repeat(13_105)}ceo@acme.com `).join('')

describe('scanSliced', () => {
  it('finds what scan finds', async () => {
    const matches = await scanSliced(scanner, LONG, { clock })
    expect(matches).toHaveLength(5)
    expect(matches).toEqual(scanner.scan(LONG))
    expect(matches.some(({ start, end }) => Math.floor(start / 65_536) < Math.floor(end / 65_536))).toBe(true)
  })

  it('lets others have their turn in between', async () => {
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await scanSliced(scanner, LONG, { clock })
    isOver = true
    expect(turns).toBeGreaterThanOrEqual(5)
  })

  it('throws when the time is over, for nobody may pass on what was not read', async () => {
    const late = scanSliced(scanner, LONG, { clock, deadline: clock.now() + 1_000 })
    clock.advance(1_001)
    await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/^Only \d+ % of the text had been looked through/) })
  })

  it('stops when it is told to', async () => {
    const abort = new AbortController()
    const stopped = scanSliced(scanner, LONG, { clock, signal: abort.signal })
    abort.abort()
    await expect(stopped).rejects.toThrow('aborted')
    await expect(scanSliced(scanner, 'short', { clock, signal: abort.signal })).rejects.toThrow('aborted')
  })
})
