import type { AgentId } from '../../shared/domain/agent.ts'
import type { Destination } from '../../shared/domain/service.ts'
import type { JsonValue } from '../../shared/errors.ts'
import type { KeptAnswer, KeptBreaker, ServiceAnswers, ServiceRepository } from './keptServices.ts'
import type { OpenDatabase } from './openDatabase.ts'

/** In place of an agent's id. */
const OF_ROOM = ''
/** Beyond this the answers that nobody has used for the longest time go first, whosever they are. */
const MOST_ANSWER_BYTES = 256 * 1024 * 1024
/** What goes then makes room for more than one: whose turn it is takes a look at all of them. */
const ROOM_MADE = 1 / 512

interface BreakerRow {
  agent_id: string
  service: string
  endpoint: string
  payload: string
}

export function createServiceRepository({ fast }: OpenDatabase): ServiceRepository {
  const breakers = fast.prepare<[], BreakerRow>('SELECT * FROM service_breakers ORDER BY agent_id, service, endpoint')
  const destinations = fast.prepare<[], string>('SELECT payload FROM agent_destinations').pluck()
  const saveBreaker = fast.prepare(`
    INSERT INTO service_breakers VALUES (?, ?, ?, ?) ON CONFLICT (agent_id, service, endpoint) DO UPDATE SET payload = excluded.payload`)
  const saveDestination = fast.prepare(`
    INSERT INTO agent_destinations VALUES (?, ?, ?) ON CONFLICT (agent_id, host) DO UPDATE SET payload = excluded.payload`)
  const forgetBreakers = fast.prepare('DELETE FROM service_breakers WHERE agent_id = ?')
  const forgetDestinations = fast.prepare('DELETE FROM agent_destinations WHERE agent_id = ?')
  const save = fast.transaction((kept: readonly KeptBreaker[], seen: readonly Destination[]) => {
    for (const { agentId, service, endpoint, breaker } of kept) saveBreaker.run(agentId ?? OF_ROOM, service, endpoint, JSON.stringify(breaker))
    for (const one of seen) saveDestination.run(one.agentId, one.host, JSON.stringify(one))
  })
  const forget = fast.transaction((agentId: AgentId) => {
    forgetBreakers.run(agentId)
    forgetDestinations.run(agentId)
  })
  return {
    breakers: async () =>
      breakers.all().map(({ agent_id, service, endpoint, payload }) => ({
        agentId: agent_id === OF_ROOM ? null : agent_id,
        service,
        endpoint,
        breaker: JSON.parse(payload) as JsonValue,
      })),
    destinations: async () => destinations.all().map((payload) => JSON.parse(payload) as Destination),
    save: (kept, seen) => save.immediate(kept, seen),
    forgetAgent: (agentId) => forget.immediate(agentId),
  }
}

interface Tally {
  entries: number
}

export function createServiceAnswers({ fast }: OpenDatabase, mostBytes = MOST_ANSWER_BYTES): ServiceAnswers {
  const find = fast.prepare<[string, string, string], { sealed: Buffer; kept_at: number; until: number }>(
    'SELECT sealed, kept_at, until FROM service_answers WHERE owner = ? AND service = ? AND question = ?',
  )
  const used = fast.prepare('UPDATE service_answers SET used_at = ? WHERE owner = ? AND service = ? AND question = ?')
  const insert = fast.prepare(`
    INSERT INTO service_answers VALUES (@owner, @service, @question, @sealed, @keptAt, @keptAt, @until)
    ON CONFLICT (owner, service, question) DO UPDATE SET sealed = excluded.sealed, kept_at = excluded.kept_at, used_at = excluded.used_at, until = excluded.until`)
  const remove = fast.prepare('DELETE FROM service_answers WHERE owner = ? AND service = ? AND question = ?')
  const count = fast.prepare<[string, string], number>('SELECT count(*) FROM service_answers WHERE owner = ? AND service = ?').pluck()
  const lastUsed = fast.prepare<[string, string], string>('SELECT question FROM service_answers WHERE owner = ? AND service = ? ORDER BY used_at LIMIT 1').pluck()
  // What stands in the index alone: to read the answers too would take seconds.
  const lastUsedOfAll = fast.prepare<[], { owner: string; service: string; question: string }>(
    'SELECT owner, service, question FROM service_answers ORDER BY used_at LIMIT 4096',
  )
  const sizeOf = fast.prepare<[string, string, string], number>('SELECT length(sealed) FROM service_answers WHERE owner = ? AND service = ? AND question = ?').pluck()
  const sum = fast.prepare<[], number>('SELECT coalesce(sum(length(sealed)), 0) FROM service_answers').pluck()
  const forget = fast.prepare('DELETE FROM service_answers WHERE until < ?')
  const tallies = new Map<string, Tally>()
  let bytes = sum.get() ?? 0

  function tallyOf(owner: string, service: string): Tally {
    const known = tallies.get(`${owner} ${service}`)
    if (known) return known
    const tally = { entries: count.get(owner, service) ?? 0 }
    tallies.set(`${owner} ${service}`, tally)
    return tally
  }

  function removeOne(owner: string, service: string, question: string): void {
    const length = sizeOf.get(owner, service, question)
    if (length === undefined) return
    const tally = tallyOf(owner, service)
    remove.run(owner, service, question)
    tally.entries--
    bytes -= length
  }

  const put = fast.transaction((answer: KeptAnswer, mostEntries: number) => {
    const { owner, service, question } = answer
    const tally = tallyOf(owner, service)
    const before = find.get(owner, service, question)
    if (!before) tally.entries++
    bytes += answer.sealed.length - (before?.sealed.length ?? 0)
    insert.run(answer)
    while (tally.entries > mostEntries) {
      const oldest = lastUsed.get(owner, service)
      if (oldest === undefined) break
      removeOne(owner, service, oldest)
    }
    const enough = bytes > mostBytes ? mostBytes * (1 - ROOM_MADE) : mostBytes
    while (bytes > enough) {
      const oldest = lastUsedOfAll.all()
      if (oldest.length === 0) break
      for (const one of oldest) if (bytes > enough) removeOne(one.owner, one.service, one.question)
    }
  })

  return {
    put(answer, mostEntries) {
      try {
        put.immediate(answer, mostEntries)
      } catch (problem) {
        tallies.clear()
        bytes = sum.get() ?? 0
        throw problem
      }
    },
    get(owner, service, question, now) {
      const row = find.get(owner, service, question)
      if (!row || row.until < now) return null
      used.run(now, owner, service, question)
      return { sealed: row.sealed, keptAt: row.kept_at }
    },
    remove: removeOne,
    forgetBefore: async (moment) => {
      const { changes } = forget.run(moment)
      if (changes > 0) {
        tallies.clear()
        bytes = sum.get() ?? 0
      }
      return changes
    },
  }
}
