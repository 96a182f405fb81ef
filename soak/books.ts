import type { Call } from '../src/shared/domain/llm.ts'
import { openState } from '../src/main/state/openState.ts'
import { systemClock } from '../src/main/systemPorts.ts'
import type { Bill } from './provider.ts'

/** What the room's ledger says, beside what the provider has billed. */

export interface Books {
  readonly problems: Readonly<Record<'exact' | 'complete' | 'never over' | 'nothing held' | 'adds up', readonly string[]>>
  readonly figures: BookFigures
}

export interface BookFigures {
  readonly calls: number
  readonly bills: number
  readonly billed: number
  readonly charged: number
  /** Charges by how their counts are known. */
  readonly reported: number
  readonly counted: number
  readonly assumed: number
}

export async function compareBooks(dataFolder: string, bills: readonly Bill[]): Promise<Books> {
  const state = await openState({ dataFolder, clock: systemClock })
  try {
    const [totals, open] = [await state.ledger.totals(), await state.ledger.openReservations()]
    const calls: Call[] = []
    await state.calls.each({}, (call) => calls.push(call))
    const { exact, complete, figures } = matchCharges(calls, bills)
    const byAgent = Map.groupBy(calls, ({ agentId }) => agentId)
    return {
      problems: {
        exact,
        complete,
        'never over': totals.filter(({ spent, limit }) => spent > limit).map(({ agentId, spent, limit }) => `${agentId} spent ${spent} of ${limit}`),
        'nothing held': open.map(({ agentId, callId }) => `${agentId} still holds money for ${callId}`),
        'adds up': totals.flatMap(({ agentId, spent }) => {
          const receipts = (byAgent.get(agentId) ?? []).reduce((sum, { cost }) => sum + cost, 0)
          return receipts === spent ? [] : [`${agentId}: receipts say ${receipts}, the ledger ${spent}`]
        }),
      },
      figures,
    }
  } finally {
    await state.close()
  }
}

/**
 * What the provider said of its usage is charged to the nanodollar. Where nobody heard it, because a room or an agent was killed
 * meanwhile, there is a charge by count or by the worst case: no bill goes without one.
 */
export function matchCharges(calls: readonly Call[], bills: readonly Bill[]): { exact: string[]; complete: string[]; figures: BookFigures } {
  const left = new Map<string, number[]>()
  for (const { agentId, number, total } of bills) left.set(`${agentId} ${number}`, [...(left.get(`${agentId} ${number}`) ?? []), total])
  const guessed = new Map<string, number>()
  const exact: string[] = []
  const counts = { reported: 0, counted: 0, assumed: 0 }
  for (const { id, agentId, attempts } of calls) {
    for (const { receipt } of attempts) {
      if (receipt === null) continue
      counts[receipt.basis]++
      if (receipt.basis !== 'reported') {
        guessed.set(agentId, (guessed.get(agentId) ?? 0) + 1)
        continue
      }
      const number = receipt.lines.find(({ part }) => part === 'output')?.count ?? 0
      const totals = left.get(`${agentId} ${number}`) ?? []
      const place = totals.indexOf(receipt.total)
      if (place < 0) exact.push(`${id} of ${agentId} was charged ${receipt.total}; billed for ${number} was ${totals.join(', ') || 'nothing'}`)
      else totals.splice(place, 1)
    }
  }
  const unheard = new Map<string, number>()
  for (const [key, totals] of left) {
    const agentId = key.split(' ')[0]!
    unheard.set(agentId, (unheard.get(agentId) ?? 0) + totals.length)
  }
  const complete = [...unheard].filter(([agentId, number]) => number > (guessed.get(agentId) ?? 0)).map(([agentId, number]) => `${agentId} has ${number} bills that nobody heard of, and ${guessed.get(agentId) ?? 0} charges for such`)
  const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0)
  return { exact, complete, figures: { calls: calls.length, bills: bills.length, billed: sum(bills.map(({ total }) => total)), charged: sum(calls.map(({ cost }) => cost)), ...counts } }
}
