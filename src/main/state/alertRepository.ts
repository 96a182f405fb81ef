import type { AgentId } from '../../shared/domain/agent.ts'
import type { AlertChannel } from '../../shared/domain/alert.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { AlertMark, AlertRepository } from './repositories.ts'

export interface MarkRow {
  agent_id: AgentId
  raises: number
  threshold: number
  channel: AlertChannel
}

export function createAlertRepository({ fast }: OpenDatabase): AlertRepository {
  const claim = fast.prepare('INSERT OR IGNORE INTO alerts (agent_id, raises, threshold, channel, claimed_at) VALUES (?, ?, ?, ?, ?)')
  const settle = fast.prepare(`
    UPDATE alerts SET outcome = ?, attempts = ?, settled_at = ?
    WHERE agent_id = ? AND raises = ? AND threshold = ? AND channel = ? AND outcome IS NULL`)
  const unsettled = fast.prepare<[], MarkRow>(`
    SELECT agent_id, raises, threshold, channel FROM alerts WHERE outcome IS NULL ORDER BY claimed_at, agent_id, raises, threshold, channel`)
  return {
    claim: async ({ agentId, raises, threshold, channel }, at) => claim.run(agentId, raises, threshold, channel, at).changes === 1,
    settle: async ({ agentId, raises, threshold, channel }, outcome, attempts, at) => {
      const { changes } = settle.run(outcome, attempts, at, agentId, raises, threshold, channel)
      if (changes !== 1) throw new Error(`The ${channel} alert about ${threshold} % of ${agentId} is not claimed, or settled already.`)
    },
    unsettled: async () => unsettled.all().map(toMark),
  }
}

export function toMark(row: MarkRow): AlertMark {
  return { agentId: row.agent_id, raises: row.raises, threshold: row.threshold, channel: row.channel }
}
