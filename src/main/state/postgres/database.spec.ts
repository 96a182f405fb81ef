import { createServer, connect, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import pg from 'pg'
import { createTestClock } from '../../access/testClock.ts'
import { systemClock } from '../../systemPorts.ts'
import { openPostgres, SCHEMA, type PostgresDatabase } from './database.ts'
import { note } from '../testEvents.ts'
import { createPostgresEvents } from './eventStore.ts'
import { migratePostgres } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { examinePostgres } from './examinePostgres.ts'
import type { Sql } from './sql.ts'
import { findPostgres, POSTGRES_PASSWORD, startPostgres, type TestPostgres } from './testPostgres.ts'

const programs = findPostgres()

describe('an address', () => {
  it.each([['mysql://room:invented-password@host/db'], ['postgres://room:invented-password@host:none/db'], ['invented-password']])('that is none is refused without being said: %#', async (url) => {
    const problem = await openPostgres({ url, clock: createTestClock() }).catch((refused: unknown) => refused)
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/^DATABASE_URL is no address/) })
    expect(JSON.stringify(problem, Object.getOwnPropertyNames(problem))).not.toContain('invented-password')
  })

  it('where nobody answers is told by host and name alone', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    server.close()
    const url = `postgres://room:invented-password@127.0.0.1:${port}/control`
    await expect(openPostgres({ url, clock: createTestClock() })).rejects.toThrow(
      `The database 127.0.0.1:${port}/control cannot be reached (ECONNREFUSED): start it, or mend DATABASE_URL; until then nothing that costs money is let through.`,
    )
  })
})

describe.skipIf(programs === null)(`a PostgreSQL database${programs === null ? ' (not installed here: initdb and postgres of 15 or newer)' : ''}`, () => {
  let server: TestPostgres
  let url: string
  let database: PostgresDatabase
  let changes: boolean[]
  beforeAll(async () => {
    server = await startPostgres(programs ?? '')
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    changes = []
    url = await server.lend()
    database = await openPostgres({ url, clock: systemClock, onChange: (isThere) => changes.push(isThere) })
    await migratePostgres(database, migrations, 1)
  })
  afterEach(async () => {
    await database.close()
    await server.takeBack()
  })

  const mark = (id: string): Promise<unknown> => database.write((sql) => sql.run('INSERT INTO revoked_sessions VALUES ($1, 1)', [id]))
  const marks = async (): Promise<string[]> => (await database.read.rows<{ jti: string }>('SELECT jti FROM revoked_sessions ORDER BY jti')).map(({ jti }) => jti)

  it('forgets events once, though another room forgets them at the same moment', async () => {
    const events = createPostgresEvents(database, async () => {})
    await events.append([1, 1, 1, 500, 500, 900].map((at) => ({ announcement: note('invented'), at })))
    const other = new pg.Client({ connectionString: url })
    await other.connect()
    await other.query(`SET search_path TO ${SCHEMA}; BEGIN; UPDATE event_sequence SET kept_from = 6`)
    const forgetting = events.forgetBefore(100)
    for (let isWaiting = false; !isWaiting; ) isWaiting = (await server.rows(url, 'SELECT 1 FROM pg_locks WHERE NOT granted')).length > 0
    await other.query('DELETE FROM events WHERE seq < 6; COMMIT')
    await other.end()
    expect(await forgetting).toBe(0)
    expect(await events.bounds()).toEqual({ oldest: 6, latest: 6 })
  })

  it('looks up what a trigger asks for by its index, though the table was small when that was planned first', async () => {
    const hold = (from: number, to: number) => (sql: Sql) =>
      sql.run(
        `INSERT INTO ledger (agent_id, entry, kind, at, amount, call_id, attempt, model)
         SELECT 'sa-00000001', entry, 'reserve', 1, 1, 'call-' || entry, 1, 'gpt-4' FROM generate_series($1::bigint, $2::bigint) AS entry`,
        [from, to],
      )
    const settle = (from: number, to: number) => (sql: Sql) =>
      sql.run(`INSERT INTO ledger (agent_id, entry, kind, at, amount) SELECT 'sa-00000001', entry, 'settle', 1, 1 FROM generate_series($1::bigint, $2::bigint) AS entry`, [from, to])
    for (const [from, to] of [[1, 10], [11, 20], [21, 3_000]] as const) {
      await database.write(hold(from, to))
      await database.write(settle(from, to))
      // As the server does of itself, sooner or later; a plan is made anew after that.
      if (to === 10) await server.change(url, `ANALYZE`)
    }
    // What was counted until now is put away.
    await database.write((sql) => sql.rows('SELECT pg_stat_force_next_flush()'))
    const readAsAWhole = await database.write(async (sql) => {
      await hold(3_001, 3_001)(sql)
      await settle(3_001, 3_001)(sql)
      return sql.rows(`SELECT relname, seq_tup_read FROM pg_stat_xact_user_tables WHERE seq_tup_read > 0`)
    })
    expect(readAsAWhole).toEqual([])
  })

  it('counts money beyond 32 bits and up to the last nanodollar, and refuses what it could not say exactly', async () => {
    const most = Number.MAX_SAFE_INTEGER
    await database.write((sql) => sql.run(`INSERT INTO ledger (agent_id, entry, kind, at, amount) VALUES ('sa-00000001', 1, 'limit', 1, $1)`, [most]))
    expect(await database.read.rows('SELECT amount FROM ledger')).toEqual([{ amount: most }])
    await expect(database.read.rows('SELECT amount + 1 AS amount FROM ledger')).rejects.toThrow('beyond what is counted exactly')
    await expect(database.write((sql) => sql.run('INSERT INTO revoked_sessions VALUES ($1, $2)', ['a', 0.5]))).rejects.toThrow('no whole number')
  })

  it('keeps what a text may hold, but for a NUL and half a character', async () => {
    await mark('"quoted" 🚀 \ud800 \u0000 nothing')
    expect(await marks()).toEqual(['"quoted" 🚀 \ufffd \u2400 nothing'])
  })

  it('takes all of a step or none, in the order of the asking', async () => {
    const failing = database.write(async (sql) => {
      await sql.run(`INSERT INTO revoked_sessions VALUES ('half', 1)`)
      throw new Error('invented')
    })
    const after = mark('after')
    await expect(failing).rejects.toThrow('invented')
    await after
    expect(await marks()).toEqual(['after'])
  })

  it('lets in nobody with another password, or into a database that is not there, and says so without it', async () => {
    const wrong = url.replace(encodeURIComponent(POSTGRES_PASSWORD), 'another-invented-one')
    const problem = await openPostgres({ url: wrong, clock: systemClock }).catch((refused: unknown) => refused)
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('lets nobody in with the name and password of DATABASE_URL (28P01)') })
    expect(JSON.stringify(problem, Object.getOwnPropertyNames(problem))).not.toContain('another-invented-one')
    await expect(openPostgres({ url: url.replace(/room_\d+/, 'nowhere'), clock: systemClock })).rejects.toThrow(/^There is no database .*\/nowhere: create it/)
  })

  it('that takes too long for one question is told so, and is there for the next', async () => {
    await database.close()
    database = await openPostgres({ url, clock: systemClock, patienceMs: 200, onChange: (isThere) => changes.push(isThere) })
    await expect(database.read.rows('SELECT pg_sleep(60)')).rejects.toThrow('takes too long for an answer')
    await expect(database.write((sql) => sql.rows('SELECT pg_sleep(60)'))).rejects.toThrow('takes too long for an answer')
    await mark('next')
    expect([await marks(), changes]).toEqual([['next'], []])
  })

  it('is one control room’s at a time', async () => {
    await expect(openPostgres({ url, clock: systemClock })).rejects.toThrow('is in use by another control room')
    await database.close()
    database = await openPostgres({ url, clock: systemClock })
    await mark('mine')
  })

  it('goes on by itself after its connections were cut', async () => {
    await mark('before')
    await server.cut(url)
    await mark('after')
    expect(await marks()).toEqual(['after', 'before'])
  })

  it('refuses with a sentence after closing, and has stored what was asked before', async () => {
    const asked = [mark('a'), mark('b')]
    await database.close()
    await Promise.all(asked)
    await expect(mark('late')).rejects.toThrow('is closed because the control room is stopping')
    await expect(marks()).rejects.toThrow('is closed because the control room is stopping')
    expect(await server.rows(url, 'SELECT jti FROM revoked_sessions')).toHaveLength(2)
  })

  it('of a newer version, or with somebody else’s schema, is left untouched', async () => {
    await server.change(url, `INSERT INTO schema_versions VALUES (99, 'invented', 1)`)
    await expect(migratePostgres(database, migrations, 1)).rejects.toThrow(/newer version .*version 99; this one knows up to 2/)
    await server.change(url, `DROP SCHEMA ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA}; CREATE TABLE theirs (id integer)`)
    await expect(migratePostgres(database, migrations, 1)).rejects.toThrow('somebody else’s'.replace('’', "'"))
    expect(await server.rows(url, 'SELECT * FROM theirs')).toEqual([])
  })

  it('is looked at also while a room has it, and told from none', async () => {
    const { where } = database
    expect(await examinePostgres(url)).toEqual({ where, isThere: true, isInUse: true })
    await database.close()
    expect(await examinePostgres(url)).toEqual({ where, isThere: true, isInUse: false })
    await server.change(url, `INSERT INTO schema_versions VALUES (99, 'invented', 1)`)
    await expect(examinePostgres(url)).rejects.toThrow('newer version')
    await server.change(url, `DROP TABLE schema_versions`)
    await expect(examinePostgres(url)).rejects.toThrow("somebody else's")
    await server.change(url, `DROP SCHEMA ${SCHEMA} CASCADE`)
    expect(await examinePostgres(url)).toEqual({ where, isThere: false, isInUse: false })
  })

  it('is not migrated halfway', async () => {
    const broken = [...migrations, { version: 3, name: 'invented', up: (sql: { run(text: string): Promise<number> }) => sql.run('CREATE TABLE half (id integer); SELECT nonsense') }]
    await expect(migratePostgres(database, broken, 1)).rejects.toThrow(/could not be brought to version 3 \(invented: .*nonsense.*\) and stays as it is/)
    expect(await server.rows(url, `SELECT to_regclass('half') AS half, (SELECT max(version)::integer FROM schema_versions) AS version`)).toEqual([{ half: null, version: 2 }])
  })

  describe('behind a line that can be cut', () => {
    let line: Server
    let sockets: Socket[]
    let isDown: boolean
    /** Cuts the line as soon as somebody says this to the server: it hears it, its answer is lost. */
    let cutAfter: string | null
    const clock = createTestClock()
    let far: PostgresDatabase
    beforeEach(async () => {
      await database.close()
      sockets = []
      isDown = false
      cutAfter = null
      line = createServer((near) => {
        if (isDown) return void near.destroy()
        const there = connect(join(server.folder, '.s.PGSQL.5432'))
        sockets.push(near, there)
        near.on('error', () => there.destroy()).on('close', () => there.end())
        there.on('error', () => near.destroy()).on('close', () => near.destroy())
        near.on('data', (said) => {
          there.write(said)
          if (cutAfter !== null && said.includes(cutAfter)) {
            cutAfter = null
            near.destroy()
          }
        })
        there.on('data', (said) => near.write(said))
      }).listen(0, '127.0.0.1')
      await once(line, 'listening')
      const { port } = line.address() as { port: number }
      const name = /\/(room_\d+)/.exec(url)?.[1] ?? ''
      far = await openPostgres({ url: `postgres://room:${encodeURIComponent(POSTGRES_PASSWORD)}@127.0.0.1:${port}/${name}`, clock, outageMs: 1_000, onChange: (isThere) => changes.push(isThere) })
    })
    afterEach(async () => {
      await far.close()
      for (const socket of sockets) socket.destroy()
      line.close()
    })

    const markFar = (id: string): Promise<unknown> => far.write((sql) => sql.run('INSERT INTO revoked_sessions VALUES ($1, 1)', [id]))
    const stored = async (): Promise<unknown[]> => (await server.rows<{ jti: string }>(url, 'SELECT jti FROM revoked_sessions ORDER BY jti')).map(({ jti }) => jti)
    const cut = (): void => {
      isDown = true
      for (const socket of sockets.splice(0)) socket.destroy()
    }
    /** Lets time pass whenever somebody waits for it, until this is done. */
    const passing = async <R>(action: Promise<R>): Promise<R> => {
      let isDone = false
      const done = (): void => void (isDone = true)
      action.then(done, done)
      while (!isDone) {
        if (clock.waiting() > 0) clock.advance(100)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return action
    }

    it('a commit whose answer was lost counts once', async () => {
      cutAfter = 'COMMIT'
      await passing(markFar('once'))
      expect(await stored()).toEqual(['once'])
    })

    it('a step whose beginning was lost is done again', async () => {
      cutAfter = 'INSERT'
      await passing(markFar('again'))
      expect(await stored()).toEqual(['again'])
    })

    it('who asks in an outage waits for its end, and is served', async () => {
      cut()
      const marking = markFar('patient')
      while (clock.waiting() === 0) await new Promise((resolve) => setImmediate(resolve))
      isDown = false
      await passing(marking)
      expect([await stored(), changes]).toEqual([['patient'], [false, true]])
    })

    it('who asks in a long one is refused, at once from then on, until it is over', async () => {
      cut()
      await expect(passing(markFar('impatient'))).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('cannot be reached') })
      await expect(markFar('late')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await expect(far.read.rows('SELECT 1')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(changes).toEqual([false])
      isDown = false
      await markFar('back')
      expect([await stored(), changes]).toEqual([['back'], [false, true]])
    })
  })
})
