import type { TriggerId } from '../../../shared/domain/demo.ts'
import type { Figures } from './figures.ts'

/** At which leads the figures are read; `warning` is when nine tenths are spent, `end` when all is over. */
export const LEADS_READ: readonly number[] = [23, 34, 50, 67, 85]
export type Moment = `#${number}` | 'warning' | 'end'

/** What was read at each moment. */
export type Readings = Readonly<Partial<Record<Moment, Figures>>>

/** The story, as it is told on a stage. Written down and not computed: what computes it is what is tested. */
export interface Story {
  readonly figures: Readings
  readonly triggers: Readonly<Record<TriggerId, number>>
}

const UP_TO_THE_WARNING: Readings = {
  '#23': {
    progress: '23 / 100 leads (23%)',
    success: '100% (23/23)',
    spent: '$5.29 / $50.00',
    used: '10.6% used',
    average: '$0.23 avg/lead',
    projection: 'Projection: $23.00 total',
    breaker: 'closed',
    findings: '0',
  },
  '#34': { progress: '34 / 100 leads (34%)', spent: '$8.31 / $50.00', used: '16.6% used', average: '$0.24 avg/lead', projection: 'Projection: $24.44 total', breaker: 'open', findings: '0' },
  '#50': { progress: '50 / 100 leads (50%)', spent: '$19.83 / $50.00', used: '39.7% used', average: '$0.40 avg/lead', projection: 'Projection: $39.66 total', blocked: '16 leads', saved: '$1.60 saved', findings: '0' },
  '#67': { progress: '67 / 100 leads (67%)', spent: '$32.07 / $50.00', used: '64.1% used', average: '$0.48 avg/lead', projection: 'Projection: $47.87 total', findings: '3, email 1, phone 1, ssn 1' },
  // Lead 85 is not done yet: what it has cost so far makes the projection pass the limit.
  warning: { spent: '$45.03 / $50.00', used: '90.1% used', projection: 'Projection: $53.61 total', increase: 'Approve $25 increase' },
}

const TRIGGERS: Story['triggers'] = { 'rate-limit': 34, rotation: 50, 'private-data': 67, budget: 85 }

export const APPROVED: Story = {
  triggers: TRIGGERS,
  figures: {
    ...UP_TO_THE_WARNING,
    '#85': { progress: '85 / 100 leads (85%)', spent: '$45.03 / $75.00', used: '60.0% used', average: '$0.53 avg/lead', projection: 'Projection: $52.98 total' },
    end: {
      progress: '100 / 100 leads (100%)',
      success: '99% (99/100)',
      spent: '$55.83 / $75.00',
      used: '74.4% used',
      average: '$0.56 avg/lead',
      projection: 'Projection: $55.83 total',
      baseline: 'vs Baseline: $64.86 saved',
      blocked: '66 leads',
      saved: '$6.60 saved',
      viaFallback: '98% via fallback',
      cacheHits: '34%',
      breaker: 'open',
      findings: '3, email 1, phone 1, ssn 1',
    },
  },
}

/** Nobody approves more: lead 92 would pass the limit, is held there, and then declined. */
export const DECLINED: Story = {
  triggers: TRIGGERS,
  figures: {
    ...UP_TO_THE_WARNING,
    '#85': { progress: '85 / 100 leads (85%)', spent: '$45.03 / $50.00', used: '90.1% used', average: '$0.53 avg/lead', projection: 'Projection: $52.98 total' },
    end: { progress: '91 / 100 leads (91%)', spent: '$49.64 / $50.00', limit: 'kept to $50.00', breaker: 'open', findings: '3, email 1, phone 1, ssn 1' },
  },
}
