import { describe, expect, it } from 'vitest'
import { judgeHandles, judgeMemory } from './flatness.ts'
import type { HostReading } from './host.ts'
import { DISTURBANCES, drawPlan, type Deed } from './plan.ts'

const disturbances = new Set<Deed>(DISTURBANCES)

describe('the plan of a soak', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawPlan(7, 300_000)).toEqual(drawPlan(7, 300_000))
    expect(drawPlan(7, 300_000)).not.toEqual(drawPlan(8, 300_000))
  })

  it('has every disturbance within five minutes, and none in its calm end', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { steps, calmFromMs } = drawPlan(seed, 300_000)
      const disturbing = steps.filter(({ deed }) => disturbances.has(deed))
      expect(new Set(disturbing.map(({ deed }) => deed))).toEqual(disturbances)
      expect(disturbing.every(({ atMs }) => atMs < calmFromMs)).toBe(true)
      expect(steps.map(({ atMs }) => atMs)).toEqual(steps.map(({ atMs }) => atMs).sort((one, other) => one - other))
    }
  })
})

describe('what stays flat', () => {
  const reading = (heapMb: number, files = 30): HostReading => ({ heapMb, residentMb: 200, files, kinds: { socket: files }, resources: 5 })

  it('is memory that goes up and down, and is none that goes up', () => {
    const saw = Array.from({ length: 40 }, (_, index) => reading(80 + (index % 5) * 4))
    expect(judgeMemory(saw).problem).toBeNull()
    expect(judgeMemory(saw.map(({ heapMb }, index) => reading(heapMb + index)))).toMatchObject({ problem: expect.stringContaining('MB') })
  })

  it('is fifteen files more, and not sixteen', () => {
    expect(judgeHandles(reading(80, 30), reading(80, 45)).problem).toBeNull()
    expect(judgeHandles(reading(80, 30), reading(80, 46)).problem).toContain('46 socket')
  })
})
