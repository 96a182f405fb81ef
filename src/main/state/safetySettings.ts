import type { Allowance } from '../../shared/domain/safety.ts'
import type { SafetyRules } from '../../shared/domain/safetyRules.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { SafetySettings } from './repositories.ts'
import { wiping } from './wiping.ts'

/** In place of an agent's id. */
export const WHOLE_ROOM = ''

/** What was said about safety waits for the disk: somebody relies on it from that moment on. */
export function createSafetySettings({ fast, durable }: OpenDatabase): SafetySettings {
  const rules = fast.prepare<[], { agent_id: string; payload: string }>('SELECT agent_id, payload FROM safety_rules ORDER BY agent_id')
  const saveRules = durable.prepare(`
    INSERT INTO safety_rules VALUES (?, ?) ON CONFLICT (agent_id) DO UPDATE SET payload = excluded.payload`)
  const allowances = fast.prepare<[], string>('SELECT payload FROM safety_allowances ORDER BY at, id').pluck()
  const saveAllowance = durable.prepare('INSERT INTO safety_allowances VALUES (?, ?, ?, ?)')
  const deleteAllowance = durable.prepare('DELETE FROM safety_allowances WHERE id = ?')
  return {
    rules: async () =>
      rules.all().map(({ agent_id, payload }) => ({ agentId: agent_id === WHOLE_ROOM ? null : agent_id, rules: JSON.parse(payload) as SafetyRules })),
    saveRules: async (agentId, said) => {
      saveRules.run(agentId ?? WHOLE_ROOM, JSON.stringify(said))
    },
    allowances: async () => allowances.all().map((payload) => JSON.parse(payload) as Allowance),
    // A page that is filled hands its rows on, and would keep a copy of what may be taken back one day.
    saveAllowance: async (allowance) => {
      wiping(durable, () => saveAllowance.run(allowance.id, allowance.agentId, allowance.at, JSON.stringify(allowance)))
    },
    // It may be private again from now on, and stands there in the clear.
    deleteAllowance: async (id) => wiping(durable, () => deleteAllowance.run(id).changes === 1),
  }
}
