import { describe, expect, it } from 'vitest'
import { formatMoney } from '../../shared/format.ts'
import { planCosts, type CostQuestion } from './costPlan.ts'
import { parseDemoFile } from './demoFile.ts'

const file = parseDemoFile('', 'demo.yaml')
const plan = (change: Partial<CostQuestion> = {}): ((lead: number) => string) => {
  const costs = planCosts({ file, leads: 100, keptFrom: 34, warnAt: 85, ...change })
  return (lead) => formatMoney(costs(lead))
}

describe('what leads cost', () => {
  it('tells the story in its figures', () => {
    const costs = plan()
    expect([1, 23, 33, 34, 84, 85, 100].map(costs)).toEqual(['$0.23', '$5.29', '$7.59', '$8.31', '$44.31', '$45.03', '$55.83'])
  })

  it('crosses nine tenths of the budget wherever it is told to', () => {
    for (const warnAt of [40, 60, 99]) {
      const costs = planCosts({ file, leads: 100, keptFrom: 34, warnAt })
      expect(costs(warnAt)).toBeGreaterThan(45e9)
      expect(costs(warnAt - 1)).toBeLessThan(45e9)
    }
  })

  it('crosses it where the service has not stopped yet, or never does', () => {
    expect(plan({ warnAt: 20 })(20)).toBe('$45.03')
    expect(plan({ warnAt: 20 })(10)).toBe('$22.52')
    expect(plan({ keptFrom: null })(85)).toBe('$45.03')
  })

  it('stays away from the limit where no warning is wanted', () => {
    expect(plan({ warnAt: null })(100)).toBe('$42.50')
    expect(plan({ warnAt: null })(33)).toBe('$7.59')
    expect(plan({ warnAt: null, keptFrom: null })(100)).toBe('$23.00')
  })

  it('never takes anything back', () => {
    for (const keptFrom of [null, 1, 34, 100])
      for (const warnAt of [null, 1, 34, 85, 100]) {
        const costs = planCosts({ file, leads: 100, keptFrom, warnAt })
        const all = Array.from({ length: 101 }, (_, lead) => costs(lead))
        expect(all[0]).toBe(0)
        for (let lead = 1; lead <= 100; lead++) expect(all[lead], `lead ${lead} of ${keptFrom} and ${warnAt}`).toBeGreaterThanOrEqual(all[lead - 1] as number)
      }
  })
})
