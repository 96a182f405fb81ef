import type { SafetyCounts, SafetyRecord } from '../../shared/domain/safety.ts'
import type { PrivateType } from '../../shared/domain/safetyRules.ts'

export function noCounts(): SafetyCounts {
  return { found: 0, redacted: 0, blocked: 0, warned: 0, unauthorised: 0, injection: 0, byType: {} }
}

/** What an agent's counts are after this. */
export function addToCounts(counts: SafetyCounts, { kind, action, type }: Pick<SafetyRecord, 'kind' | 'action' | 'type'>, times: number): SafetyCounts {
  if (kind === 'unauthorised' || kind === 'injection') return { ...counts, [kind]: counts[kind] + times }
  if (kind !== 'private') return counts
  const byType = { ...counts.byType, [type]: (counts.byType[type as PrivateType] ?? 0) + times }
  const told = { ...counts, found: counts.found + times, byType }
  return action === 'redacted' || action === 'blocked' || action === 'warned' ? { ...told, [action]: told[action] + times } : told
}
