import type { Allowance } from '../../../shared/domain/safety.ts'
import type { SafetyRules } from '../../../shared/domain/safetyRules.ts'
import type { Originals, SafetySettings } from '../repositories.ts'
import { WHOLE_ROOM } from '../safetySettings.ts'
import type { PostgresDatabase } from './database.ts'

export function createPostgresSafetySettings({ read, write }: PostgresDatabase): SafetySettings {
  return {
    rules: async () => {
      const rows = await read.rows<{ agent_id: string; payload: string }>('SELECT agent_id, payload FROM safety_rules ORDER BY agent_id')
      return rows.map(({ agent_id, payload }) => ({ agentId: agent_id === WHOLE_ROOM ? null : agent_id, rules: JSON.parse(payload) as SafetyRules }))
    },
    saveRules: async (agentId, said) => {
      await write((sql) =>
        sql.run('INSERT INTO safety_rules VALUES ($1, $2) ON CONFLICT (agent_id) DO UPDATE SET payload = excluded.payload', [agentId ?? WHOLE_ROOM, JSON.stringify(said)]),
      )
    },
    allowances: async () => {
      const rows = await read.rows<{ payload: string }>('SELECT payload FROM safety_allowances ORDER BY at, id')
      return rows.map(({ payload }) => JSON.parse(payload) as Allowance)
    },
    saveAllowance: async (allowance) => {
      await write((sql) => sql.run('INSERT INTO safety_allowances VALUES ($1, $2, $3, $4)', [allowance.id, allowance.agentId, allowance.at, JSON.stringify(allowance)]))
    },
    deleteAllowance: async (id) => (await write((sql) => sql.run('DELETE FROM safety_allowances WHERE id = $1', [id]))) === 1,
  }
}

export async function createPostgresOriginals({ read, write, isShared }: PostgresDatabase): Promise<Originals> {
  // A room that was killed between an original and its record has left one that nobody can ask for. Of one that lives the record may be on its way.
  if (!isShared) await write((sql) => sql.run('DELETE FROM pii_originals WHERE id NOT IN (SELECT id FROM pii_audit)'))
  return {
    save: (originals) =>
      write(async (sql) => {
        for (const { id, at, sealed } of originals) await sql.run('INSERT INTO pii_originals (id, at, sealed) VALUES ($1, $2, $3)', [id, at, sealed])
      }),
    get: async (id) => (await read.rows<{ sealed: Buffer }>('SELECT sealed FROM pii_originals WHERE id = $1', [id]))[0]?.sealed ?? null,
    recent: (limit) => read.rows('SELECT id, sealed FROM pii_originals ORDER BY place DESC LIMIT $1', [limit]),
    forgetBefore: (moment) => write((sql) => sql.run('DELETE FROM pii_originals WHERE at < $1', [moment])),
  }
}
