import type { Call } from '../../shared/domain/llm.ts'
import { createCostBreakdown } from './costBreakdown.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { CallRepository } from './repositories.ts'

interface PayloadRow {
  seq: number
  payload: string
}

export function createCallRepository({ fast }: OpenDatabase): CallRepository {
  const page = fast.prepare<[number, number], PayloadRow>('SELECT seq, payload FROM call_payloads WHERE seq < ? ORDER BY seq DESC LIMIT ?')
  const pageOfAgent = fast.prepare<[string, number, number], PayloadRow>(`
    SELECT seq, payload FROM calls CROSS JOIN call_payloads USING (seq)
    WHERE agent_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`)
  const get = fast.prepare<[string], string>('SELECT payload FROM calls CROSS JOIN call_payloads USING (seq) WHERE id = ?').pluck()
  const refusals = fast.prepare<[string], { refusal: string; count: number }>(`
    SELECT refusal, count(*) AS count FROM calls WHERE agent_id = ? AND refusal IS NOT NULL GROUP BY refusal`)

  return {
    list: async ({ agentId, before = Number.MAX_SAFE_INTEGER, limit }) => {
      // One more than asked for tells whether there is another page.
      const found = agentId === undefined ? page.all(before, limit + 1) : pageOfAgent.all(agentId, before, limit + 1)
      const rows = found.slice(0, limit)
      return { calls: rows.map(toCall), next: found.length > limit ? (rows.at(-1)?.seq ?? null) : null }
    },
    get: async (callId) => {
      const payload = get.get(callId)
      return payload === undefined ? null : toCall({ payload })
    },
    breakdown: createCostBreakdown(fast),
    refusals: async (agentId) => Object.fromEntries(refusals.all(agentId).map(({ refusal, count }) => [refusal, count])),
  }
}

function toCall({ payload }: Pick<PayloadRow, 'payload'>): Call {
  return (JSON.parse(payload) as { call: Call }).call
}
