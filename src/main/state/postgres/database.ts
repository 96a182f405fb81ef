import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Clock } from '../../ports.ts'
import { createOutage } from './outage.ts'
import { explainPostgresError, isLost, postgresError } from './postgresErrors.ts'
import { bound, exactInteger, type Sql, type Value } from './sql.ts'

/** All that is ours lies in a schema of its own. */
export const SCHEMA = 'iron_cage'
/** `ICCR`: the lock of whoever writes to the database. */
export const OWNER_LOCK = 0x49434352
const OLDEST_SERVER = 150_000
const INT8 = 20
/** The server ends by itself what takes too long; one that does not even say that is gone. */
const SILENCE_MS = 5_000

export interface PostgresDatabase {
  /** Others write to it too. */
  readonly isShared: boolean
  /** Host, port and name, for sentences; never an account or a password. */
  readonly where: string
  readonly read: Sql
  /** A transaction: all of the step or none. One after the other, in the order in which they are asked for. Durable when it resolves. */
  write<R>(step: (sql: Sql) => Promise<R>): Promise<R>
  close(): Promise<void>
}

export interface PostgresOptions {
  readonly url: string
  readonly clock: Clock
  /** Several control rooms have it open, each of them shared; left out, one alone has. */
  readonly isShared?: boolean
  /** What this room is called among those; nobody else is called so. */
  readonly instance?: string
  /** How long a connection or a statement may take. */
  readonly patienceMs?: number
  /** How long who asks waits for a server that was lost to come back; afterwards everybody is refused at once until it does. */
  readonly outageMs?: number
  /** Told when the server is lost and when it is back. */
  readonly onChange?: (isThere: boolean, where: string) => void
}

/** Connects, and takes the database for this control room alone, or for all that share it. */
export async function openPostgres({ url, clock, isShared = false, instance = '', patienceMs = 10_000, outageMs = 30_000, onChange }: PostgresOptions): Promise<PostgresDatabase> {
  const name = `iron_cage ${randomBytes(8).toString('hex')}`
  const config = configOf(url, patienceMs, name)
  const where = whereOf(config)
  const pool = new pg.Pool({
    ...config,
    max: 4,
    // Waited for before anybody gets the connection.
    onConnect: async (client) => void (await client.query(`SET search_path TO ${SCHEMA}`)),
  })
  // A connection that idles and dies is replaced by the next who asks.
  pool.on('error', () => {})
  const outage = createOutage({ clock, outageMs, isLost: isLost, onChange: (isThere) => onChange?.(isThere, where) })
  let writer: pg.Client | null = null
  let isClosed = false
  let last: Promise<unknown> = Promise.resolve()

  async function connectWriter(): Promise<pg.Client> {
    const client = new pg.Client(config)
    client.on('error', () => {})
    client.on('end', () => {
      if (writer !== client) return
      writer = null
      // The lock went with it: taken back before another room takes it.
      if (!isClosed) void write(async () => {}).catch(() => {})
    })
    try {
      await client.connect()
      await requireNewEnough(client, where)
      // What triggers look up would be planned once, while tables are small, and read them as a whole from then on.
      await client.query(`SET search_path TO ${SCHEMA}; SET synchronous_commit TO on; SET plan_cache_mode TO force_custom_plan`)
      await takeLock(client)
      return client
    } catch (problem) {
      void client.end().catch(() => {})
      throw problem
    }
  }

  const TAKE = isShared
    ? `SELECT pg_try_advisory_lock_shared($1) AS taken, pg_try_advisory_lock(hashtextextended($2, 0)) AS named`
    : 'SELECT pg_try_advisory_lock($1) AS taken, true AS named'

  /** A connection of ours that the server still believes in holds the lock: it goes first. */
  async function takeLock(client: pg.Client): Promise<void> {
    const take = async (): Promise<{ taken: boolean; named: boolean } | undefined> =>
      (await client.query<{ taken: boolean; named: boolean }>(TAKE, isShared ? [OWNER_LOCK, `${SCHEMA} instance ${instance}`] : [OWNER_LOCK])).rows[0]
    const first = await take()
    if (first?.taken && first.named) return
    await client.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1 AND usename = current_user AND pid <> pg_backend_pid()`,
      [name],
    )
    const second = await take()
    if (!second?.taken) throw postgresError('taken', where)
    if (!second.named) throw postgresError('twice', where, instance)
  }

  async function transact<R>(step: (sql: Sql) => Promise<R>): Promise<R> {
    const client = (writer ??= await connectWriter())
    let transaction: string
    let result: R
    try {
      transaction = await begin(client)
      result = await step(sqlOf(client))
    } catch (problem) {
      await client.query('ROLLBACK').catch(() => drop(client))
      if (isLost(problem)) drop(client)
      throw problem
    }
    return commit(client, transaction, result)
  }

  async function commit<R>(client: pg.Client, transaction: string, result: R): Promise<R> {
    try {
      const { command } = await client.query('COMMIT')
      if (command !== 'COMMIT') throw new Error('A statement had failed, and nothing of its transaction was stored.')
      return result
    } catch (problem) {
      if (!isLost(problem)) throw problem
      drop(client)
      // The answer was lost, which does not say what it was: the server knows, once it is back.
      const isStored = await outage.during(() => wasCommitted(transaction)).catch(() => {
        // Not to be tried again by anybody: it may be stored.
        throw postgresError('unreachable', where, 'what was written last may be stored')
      })
      if (isStored) return result
      throw problem
    }
  }

  async function wasCommitted(transaction: string): Promise<boolean> {
    const client = (writer ??= await connectWriter())
    const { rows } = await client.query<{ status: string | null }>('SELECT pg_xact_status($1::xid8) AS status', [transaction])
    return rows[0]?.status === 'committed'
  }

  function drop(client: pg.Client): void {
    if (writer === client) writer = null
    void client.end().catch(() => {})
  }

  const explained = async <R>(action: () => Promise<R>): Promise<R> => {
    try {
      return await action()
    } catch (problem) {
      throw explainPostgresError(problem, where)
    }
  }

  const write = <R>(step: (sql: Sql) => Promise<R>): Promise<R> => {
    if (isClosed) return Promise.reject(postgresError('closed', where))
    const turn = last.then(() => explained(() => outage.during(() => transact(step))))
    last = turn.catch(() => {})
    return turn
  }
  const read = sqlOf({ query: (...query: Parameters<pg.Pool['query']>) => pool.query(...query) } as pg.Pool)
  const reading = <R>(action: () => Promise<R>): Promise<R> => (isClosed ? Promise.reject(postgresError('closed', where)) : explained(() => outage.during(action)))

  try {
    writer = await explained(connectWriter)
  } catch (problem) {
    await pool.end()
    throw problem
  }

  return {
    isShared,
    where,
    read: { rows: (...query) => reading(() => read.rows(...query)), run: (...query) => reading(() => read.run(...query)) },
    write,
    async close() {
      if (isClosed) return
      isClosed = true
      outage.giveUp()
      // Whoever had asked before is served first; who asks from now on is refused.
      await last
      await Promise.allSettled([pool.end(), writer?.end()])
    },
  }
}

export async function requireNewEnough(client: pg.Client, where: string): Promise<void> {
  const { rows } = await client.query<{ version: string }>(`SELECT current_setting('server_version_num') AS version`)
  const version = Number(rows[0]?.version)
  if (version < OLDEST_SERVER) throw postgresError('old', where, String(Math.floor(version / 10_000)))
}

async function begin(client: pg.Client): Promise<string> {
  const answers = (await client.query('BEGIN; SELECT pg_current_xact_id()::text AS id')) as unknown as pg.QueryResult<{ id: string }>[]
  return answers[1]?.rows[0]?.id ?? ''
}

function sqlOf(client: Pick<pg.Client, 'query'>): Sql {
  const ask = (text: string, values: readonly Value[] = []): Promise<pg.QueryResult> => client.query(text, values.map(bound))
  return {
    rows: async <R extends object>(text: string, values?: readonly Value[]) => (await ask(text, values)).rows as R[],
    run: async (text, values) => (await ask(text, values)).rowCount ?? 0,
  }
}

/** Whole numbers come as numbers, exactly. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    id === INT8 ? exactInteger : pg.types.getTypeParser(id, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

export function configOf(url: string, patienceMs: number, name: string): pg.ClientConfig {
  const limits = { connectionTimeoutMillis: patienceMs, query_timeout: patienceMs + SILENCE_MS, statement_timeout: patienceMs, keepAlive: true, application_name: name, types }
  try {
    if (!/^postgres(ql)?:\/\//i.test(url)) throw new Error('another protocol')
    const { host, port, database } = new pg.Client({ connectionString: url })
    return { ...limits, connectionString: url, host, port, ...(database === undefined ? {} : { database }) }
  } catch {
    // What was caught has the password in it.
    throw postgresError('address', '')
  }
}

export function whereOf({ host, port, database }: pg.ClientConfig): string {
  return `${host}:${port}/${database}`
}
