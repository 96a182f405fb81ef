import Database from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { migrations } from './migrations/all.ts'
import type { Migration } from './migrations/migration.ts'
import { DATABASE_FILE } from './openDatabase.ts'
import { openState, type StateOptions } from './openState.ts'
import { note } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const clock = createTestClock()
const isPosix = process.platform !== 'win32'

async function filled(dataFolder = folders.make()): Promise<{ dataFolder: string; file: string }> {
  const state = await openState({ dataFolder, clock })
  for (let i = 0; i < 200; i++) await state.events.append([{ announcement: note(`invented event ${i}`), at: clock.now() }])
  await state.close()
  return { dataFolder, file: join(dataFolder, DATABASE_FILE) }
}

/** Every file of the folder with a digest of its bytes, without what SQLite makes beside a database to read it. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const { size } = statSync(join(folder, name))
    return statSync(join(folder, name)).isFile() && !name.endsWith('-shm') && !(name.endsWith('-wal') && size === 0)
  })
  return Object.fromEntries(names.sort().map((name) => [name, digestOf(join(folder, name))]))
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

async function refusal(options: Partial<StateOptions> & { dataFolder: string }): Promise<unknown> {
  const state = await openState({ clock, busyTimeoutMs: 0, ...options }).catch((problem: unknown) => problem)
  if (state instanceof Error) return state
  throw new Error('It opened.')
}

const next: Migration = {
  version: migrations.length + 1,
  name: 'invented',
  up: (database) => database.exec('CREATE TABLE invented (id INTEGER) STRICT'),
}

describe('a fresh data folder', () => {
  it.runIf(isPosix)('is for its owner alone, and so is every file in it', async () => {
    const dataFolder = join(folders.make(), 'deep', 'data')
    const state = await openState({ dataFolder, clock })
    await state.events.append([{ announcement: note('one'), at: 1 }])
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700)
    const modes = readdirSync(dataFolder).map((name) => [name, (statSync(join(dataFolder, name)).mode & 0o777).toString(8)])
    expect(modes.sort()).toEqual([
      ['control-room.db', '600'],
      ['control-room.db-shm', '600'],
      ['control-room.db-wal', '600'],
    ])
    await state.close()
  })

  it.runIf(isPosix)('keeps its mode when others have filled it before', async () => {
    const dataFolder = folders.make()
    chmodSync(dataFolder, 0o755)
    writeFileSync(join(dataFolder, 'holiday.txt'), 'invented')
    await (await openState({ dataFolder, clock })).close()
    expect(statSync(dataFolder).mode & 0o777).toBe(0o755)
  })

  it.runIf(isPosix)('closes an empty folder to others, and a database that was open to them', async () => {
    const dataFolder = folders.make()
    chmodSync(dataFolder, 0o755)
    await filled(dataFolder)
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700)
    chmodSync(join(dataFolder, DATABASE_FILE), 0o644)
    await (await openState({ dataFolder, clock })).close()
    expect(statSync(join(dataFolder, DATABASE_FILE)).mode & 0o777).toBe(0o600)
  })

  it('takes no backup', async () => {
    const { dataFolder } = await filled()
    expect(readdirSync(dataFolder)).toEqual([DATABASE_FILE])
  })

  it('is refused in one sentence where it cannot be made', async () => {
    const taken = join(folders.make(), 'taken')
    writeFileSync(taken, 'invented')
    expect(await refusal({ dataFolder: taken })).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(`The data folder ${taken} cannot be used`) })
  })
})

describe('the connections', () => {
  it('write ahead, and what must survive a loss of power waits for the disk', async () => {
    const { openDatabase } = await import('./openDatabase.ts')
    const { fast, durable } = openDatabase({ dataFolder: folders.make(), migrations, now: 0, busyTimeoutMs: 1234 })
    const pragma = (name: string): unknown[] => [fast, durable].map((database) => database.pragma(name, { simple: true }))
    expect(pragma('journal_mode')).toEqual(['wal', 'wal'])
    expect(pragma('synchronous')).toEqual([1, 2])
    expect(pragma('foreign_keys')).toEqual([1, 1])
    expect(pragma('busy_timeout')).toEqual([1234, 1234])
    fast.close()
    durable.close()
  })

  it('refuse with a sentence after closing, which may be asked for twice', async () => {
    const state = await openState({ dataFolder: folders.make(), clock })
    await state.close()
    await state.close()
    const closed = { code: 'UNAVAILABLE', message: expect.stringContaining('is closed because the control room is stopping') }
    await expect(state.events.append([{ announcement: note('late'), at: 1 }])).rejects.toMatchObject(closed)
    await expect(state.events.forgetBefore(5)).rejects.toMatchObject(closed)
    await expect(state.agents.all()).rejects.toMatchObject(closed)
    await expect(state.checkpoints.load('sa-00000001')).rejects.toMatchObject(closed)
    await expect(state.recentScripts.touch('/invented', 1)).rejects.toMatchObject(closed)
  })
})

describe('migrations', () => {
  it('are numbered from 1 without a hole', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
  })

  it('back up what is there first, and say so in the log', async () => {
    const { dataFolder, file } = await filled()
    const before = await contentsOfEvents(file)
    const entries: LogEntry[] = []
    const log = { write: (entry: LogEntry) => void entries.push(entry), flush: async () => {} }
    await (await openState({ dataFolder, clock, log, migrations: [...migrations, next] })).close()

    const [backup, ...others] = readdirSync(join(dataFolder, 'backups'))
    expect(others).toEqual([])
    expect(backup).toBe(`control-room-2026-11-21T14-23-45.000Z-v${migrations.length}.db`)
    const path = join(dataFolder, 'backups', String(backup))
    if (isPosix) expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await contentsOfEvents(path)).toEqual(before)
    expect(versionOf(path)).toBe(migrations.length)
    expect(versionOf(file)).toBe(migrations.length + 1)
    expect(await contentsOfEvents(file)).toEqual(before)
    expect(entries).toMatchObject([{ event: 'state.migrated', msg: expect.stringContaining(path) }])
  })

  it('keep the last three backups', async () => {
    const { dataFolder } = await filled()
    const steps = [...migrations]
    const moving = createTestClock()
    for (let i = 0; i < 5; i++) {
      moving.advance(86_400_000)
      steps.push({ version: steps.length + 1, name: 'invented', up: (database) => database.exec(`CREATE TABLE invented${i} (id INTEGER) STRICT`) })
      await (await openState({ dataFolder, clock: moving, migrations: steps })).close()
    }
    const days = readdirSync(join(dataFolder, 'backups')).map((name) => name.slice('control-room-2026-11-'.length, 'control-room-2026-11-'.length + 2))
    expect(days).toEqual(['24', '25', '26'])
  })

  it('leave the database as it was when one of them fails, and name the backup', async () => {
    const { dataFolder, file } = await filled()
    const before = await contentsOfEvents(file)
    const broken: Migration = {
      ...next,
      up(database) {
        database.exec('CREATE TABLE half (id INTEGER) STRICT; DROP TABLE recent_scripts')
        throw new Error('an invented mishap')
      },
    }
    const problem = await refusal({ dataFolder, migrations: [...migrations, broken] })
    expect(problem).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/could not be brought to version 2 \(invented: an invented mishap\) and stays at version 1.*A copy from before lies in .*backups/),
    })
    expect(versionOf(file)).toBe(migrations.length)
    expect(tablesOf(file)).not.toContain('half')
    expect(tablesOf(file)).toContain('recent_scripts')
    expect(await contentsOfEvents(file)).toEqual(before)
  })

  it('refuse a step that leaves rows pointing nowhere', async () => {
    const { dataFolder, file } = await filled()
    const dangling: Migration = {
      ...next,
      up: (database) => database.exec('CREATE TABLE child (parent INTEGER REFERENCES events (seq)) STRICT; INSERT INTO child VALUES (999999)'),
    }
    expect(await refusal({ dataFolder, migrations: [...migrations, dangling] })).toMatchObject({ message: expect.stringContaining('1 rows refer to rows that are gone') })
    expect(versionOf(file)).toBe(migrations.length)
  })

  it('do not begin when the backup cannot be taken', async () => {
    const { dataFolder, file } = await filled()
    writeFileSync(join(dataFolder, 'backups'), 'in the way')
    await refusal({ dataFolder, migrations: [...migrations, next] })
    expect(versionOf(file)).toBe(migrations.length)
  })
})

describe('a database that cannot be used is named, and stays as it is to the byte', () => {
  it('from a newer version', async () => {
    const { dataFolder, file } = await filled()
    await (await openState({ dataFolder, clock, migrations: [...migrations, next] })).close()
    const before = contents(dataFolder)
    const problem = await refusal({ dataFolder })
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', details: { problem: 'newer', file }, message: expect.stringContaining(`${file} was written by a newer version`) })
    expect(contents(dataFolder)).toEqual(before)
  })

  it.each([
    ['garbage', () => Buffer.from('This is an invented text and no database at all. '.repeat(500))],
    ['a torn header', (bytes: Buffer) => bytes.subarray(0, 60)],
    ['half of its pages', (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2))],
    ['zeroed pages', (bytes: Buffer) => Buffer.from(bytes).fill(0, 4096 * 4, 4096 * 8)],
    ['flipped bits', (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index > 8192 && index % 97 === 0 ? byte ^ 0xff : byte)))],
  ])('with %s', async (_, damage) => {
    const { dataFolder, file } = await filled()
    writeFileSync(file, damage(readFileSync(file)))
    const before = contents(dataFolder)
    const problem = await refusal({ dataFolder })
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', details: { problem: 'corrupt', file }, message: expect.stringContaining(`The database ${file} is damaged`) })
    expect(contents(dataFolder)).toEqual(before)
  })

  it("that is some other program's", async () => {
    const dataFolder = folders.make()
    const file = join(dataFolder, DATABASE_FILE)
    const other = new Database(file)
    other.exec('CREATE TABLE recipes (name TEXT)')
    other.close()
    const before = contents(dataFolder)
    expect(await refusal({ dataFolder })).toMatchObject({ details: { problem: 'foreign', file } })
    expect(contents(dataFolder)).toEqual(before)
  })

  it('that is a folder', async () => {
    const dataFolder = folders.make()
    const file = join(dataFolder, DATABASE_FILE)
    mkdirSync(file)
    expect(await refusal({ dataFolder })).toMatchObject({ details: { problem: 'unusable', file }, message: expect.stringContaining('it is a folder') })
    expect(readdirSync(file)).toEqual([])
  })

  it.runIf(isPosix)('that may only be read', async () => {
    const { dataFolder, file } = await filled()
    const before = contents(dataFolder)
    chmodSync(file, 0o444)
    const problem = await asStranger(dataFolder, () => refusal({ dataFolder }))
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', details: { problem: 'readOnly', file }, message: expect.stringContaining(`The database ${file} cannot be written`) })
    expect(contents(dataFolder)).toEqual(before)
  })

  it.runIf(isPosix)('whose folder may only be read', async () => {
    const { dataFolder, file } = await filled()
    const before = contents(dataFolder)
    chmodSync(dataFolder, 0o555)
    const problem = await asStranger(dataFolder, () => refusal({ dataFolder }))
    chmodSync(dataFolder, 0o700)
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', details: { problem: 'readOnly', file } })
    expect(contents(dataFolder)).toEqual(before)
  })

  it.each(['BEGIN EXCLUSIVE', 'BEGIN IMMEDIATE', 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE'])('locked by another process with %s', async (sql) => {
    const { dataFolder, file } = await filled()
    const program = `
      const database = require('better-sqlite3')(${JSON.stringify(file)})
      database.exec(${JSON.stringify(sql)})
      console.log('locked')
      process.stdin.resume()`
    const holder = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'], cwd: import.meta.dirname })
    await once(holder.stdout, 'data')
    const before = digestOf(file)
    const problem = await refusal({ dataFolder })
    expect(digestOf(file)).toBe(before)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', details: { problem: 'locked', file }, message: expect.stringContaining('is locked by another process') })
    await (await openState({ dataFolder, clock })).close()
  })
})

it('a write-ahead log left by a crash is looked at before it is written back', async () => {
  const { dataFolder, file } = await filled()
  const crashed = new Database(file)
  crashed.pragma('journal_mode = WAL')
  crashed.pragma('wal_autocheckpoint = 0')
  crashed.pragma('user_version = 99')
  const copies = ['', '-wal'].map((side) => [file + side, readFileSync(file + side)] as const)
  crashed.close()
  for (const [path, bytes] of copies) writeFileSync(path, bytes)
  const before = contents(dataFolder)
  expect(Object.keys(before)).toHaveLength(2)
  expect(await refusal({ dataFolder })).toMatchObject({ details: { problem: 'newer' } })
  expect(contents(dataFolder)).toEqual(before)
})

/** Root may write anywhere, so for a moment we are somebody else; whoever is not root has no such power to drop. */
async function asStranger<R>(folder: string, action: () => Promise<R>): Promise<R> {
  const { geteuid, seteuid } = process
  if (geteuid?.() !== 0 || !seteuid) return action()
  const stranger = 65534
  for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) chownSync(path, stranger, stranger)
  seteuid(stranger)
  try {
    return await action()
  } finally {
    seteuid(0)
  }
}

async function contentsOfEvents(file: string): Promise<unknown[]> {
  return looking(file, (database) => database.prepare('SELECT * FROM events ORDER BY seq').all())
}

function versionOf(file: string): unknown {
  return looking(file, (database) => database.pragma('user_version', { simple: true }))
}

function tablesOf(file: string): unknown[] {
  return looking(file, (database) => database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all())
}

function looking<R>(file: string, action: (database: Database.Database) => R): R {
  const database = new Database(file, { readonly: true })
  try {
    return action(database)
  } finally {
    database.close()
  }
}
