import type { Millis } from '../../../shared/domain/units.ts'
import { AppError } from '../../../shared/errors.ts'
import type { InstanceId, Instances } from '../repositories.ts'
import { toAgent } from './agents.ts'
import type { PostgresDatabase } from './database.ts'

/** By the server's clock, which is the same for all. */
const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

/** Begins a lease. A room that has the database to itself takes over whatever stands in it. */
export async function joinInstances({ write, isShared, where }: PostgresDatabase, instance: InstanceId, leaseMs: Millis): Promise<void> {
  await write(async (sql) => {
    const [own] = await sql.rows<{ isBeingSettled: boolean }>(`SELECT claimed_until > ${NOW} AND is_settled = 0 AS "isBeingSettled" FROM instances WHERE id = $1 FOR UPDATE`, [instance])
    if (own?.isBeingSettled === true) {
      throw new AppError('UNAVAILABLE', `Another control room on ${where} is settling what this one (${instance}) left behind: start it again in a minute.`)
    }
    if (!isShared) await sql.run('DELETE FROM instances')
    await sql.run(
      `INSERT INTO instances (id, ends_at) VALUES ($1, ${NOW} + $2)
       ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at, claimed_until = 0, is_settled = 0`,
      [instance, leaseMs],
    )
    await sql.run(`UPDATE agents SET instance = $1 WHERE ${isShared ? 'instance IS NULL' : 'instance IS DISTINCT FROM $1'}`, [instance])
  })
}

export async function createInstances({ read, write }: PostgresDatabase, own: InstanceId, leaseMs: Millis): Promise<Instances> {
  const [sharing] = await read.rows<{ name: string }>('SELECT name FROM sharing')
  return {
    own,
    group: sharing?.name ?? '',
    renew: async () => (await write((sql) => sql.run(`UPDATE instances SET ends_at = ${NOW} + $2 WHERE id = $1 AND claimed_until = 0`, [own, leaseMs]))) === 1,
    async claimDead() {
      const [claimed] = await write((sql) => sql.rows<{ id: InstanceId }>(CLAIM, [own, leaseMs]))
      return claimed?.id ?? null
    },
    settled: async (instance) => {
      await write((sql) => sql.run('UPDATE instances SET is_settled = 1 WHERE id = $1 AND claimed_until > 0', [instance]))
    },
    ownerOf: async (agentId) => (await read.rows<{ instance: InstanceId | null }>('SELECT instance FROM agents WHERE id = $1', [agentId]))[0]?.instance ?? null,
    agentsOf: async (instance) => (await read.rows<{ payload: string }>('SELECT payload FROM agents WHERE instance = $1 ORDER BY created_at DESC, id', [instance])).map(toAgent),
    agentsOfOthers: async () => (await read.rows<{ payload: string }>('SELECT payload FROM agents WHERE instance <> $1 ORDER BY created_at DESC, id', [own])).map(toAgent),
    living: async () => (await read.rows<{ id: InstanceId }>(`SELECT id FROM instances WHERE id <> $1 AND ends_at > ${NOW} ORDER BY id`, [own])).map(({ id }) => id),
    leave: async () => {
      await write((sql) => sql.run(`UPDATE instances SET ends_at = ${NOW} WHERE id = $1`, [own]))
    },
  }
}

const CLAIM = `
  UPDATE instances SET claimed_until = ${NOW} + $2 WHERE id = (
    SELECT id FROM instances WHERE id <> $1 AND ends_at <= ${NOW} AND claimed_until <= ${NOW} AND is_settled = 0
    ORDER BY ends_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id`
