import { NANODOLLARS_PER_DOLLAR } from '../../shared/domain/money.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import type { DemoFile } from './demoFile.ts'

/** What all leads up to one have cost by its end. */
export type CostPlan = (lead: number) => Nanodollars

export interface CostQuestion {
  readonly file: Pick<DemoFile, 'budget' | 'fresh_lead' | 'past_warning' | 'total'>
  readonly leads: number
  /** From which lead on there is no fresh data; null: there always is. */
  readonly keptFrom: number | null
  /** In which lead nine tenths of the budget are gone; null: in none. */
  readonly warnAt: number | null
}

/** Straight lines between the points that the story asks for. */
export function planCosts({ file, leads, keptFrom, warnAt }: CostQuestion): CostPlan {
  const warned = file.budget * 0.9 + file.past_warning
  const dearFrom = Math.min(keptFrom ?? leads + 1, warnAt ?? leads + 1)
  const points: { lead: number; spent: number }[] = [{ lead: 0, spent: 0 }]
  // Where the warning comes before LinkedIn stops, all leads up to it share what it takes.
  if (keptFrom !== null && (warnAt === null || keptFrom <= warnAt)) points.push({ lead: dearFrom - 1, spent: file.fresh_lead * (dearFrom - 1) })
  if (warnAt !== null) {
    points.push({ lead: warnAt, spent: warned }, { lead: leads, spent: Math.max(file.total, warned) })
  } else {
    // Without a warning nothing comes near the limit.
    const last = points.at(-1) ?? { lead: 0, spent: 0 }
    const each = keptFrom === null ? file.fresh_lead : Math.min((file.total - last.spent) / (leads - last.lead), (file.budget * 0.85 - last.spent) / (leads - last.lead))
    points.push({ lead: leads, spent: last.spent + each * (leads - last.lead) })
  }
  return (lead) => Math.round(onLines(points, Math.min(lead, leads)) * NANODOLLARS_PER_DOLLAR)
}

function onLines(points: readonly { lead: number; spent: number }[], lead: number): number {
  const after = points.findIndex((point) => point.lead >= lead)
  const to = points[after]
  const from = points[after - 1]
  if (!to) return points.at(-1)?.spent ?? 0
  if (!from || to.lead === from.lead) return to.spent
  return from.spent + ((to.spent - from.spent) * (lead - from.lead)) / (to.lead - from.lead)
}
