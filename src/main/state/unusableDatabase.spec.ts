import Database from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { migrations } from './migrations/all.ts'
import { DATABASE_FILE, openDatabase } from './openDatabase.ts'
import { openState } from './openState.ts'
import { clock, contents, digestOf, fillDatabase, looking, nextMigration, refusal } from './testDatabase.ts'
import { useTestFolders } from './testFolder.ts'
import { asStranger } from './testStranger.ts'

const folders = useTestFolders()
const isPosix = process.platform !== 'win32'

describe('a database that cannot be used is named, and stays as it is to the byte', () => {
  it('from a newer version', async () => {
    const { dataFolder, file } = await fillDatabase(folders.make())
    await (await openState({ dataFolder, clock, migrations: [...migrations, nextMigration] })).close()
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
    const { dataFolder, file } = await fillDatabase(folders.make())
    writeFileSync(file, damage(readFileSync(file)))
    const before = contents(dataFolder)
    const problem = await refusal({ dataFolder })
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', details: { problem: 'corrupt', file }, message: expect.stringContaining(`The database ${file} is damaged`) })
    expect(contents(dataFolder)).toEqual(before)
  })

  it('with a table that is not there', async () => {
    const { dataFolder, file } = await fillDatabase(folders.make())
    const other = new Database(file)
    other.exec('DROP TABLE agents')
    other.close()
    const problem = await refusal({ dataFolder })
    expect(problem).toMatchObject({ details: { problem: 'corrupt', file }, message: expect.stringContaining('is damaged (no such table: agents)') })
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
    const { dataFolder, file } = await fillDatabase(folders.make())
    const before = contents(dataFolder)
    chmodSync(file, 0o444)
    const problem = await asStranger(dataFolder, () => refusal({ dataFolder, migrations: [...migrations, nextMigration] }))
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', details: { problem: 'readOnly', file }, message: expect.stringContaining(`The database ${file} cannot be written`) })
    expect(contents(dataFolder)).toEqual(before)
  })

  it.runIf(isPosix)('whose folder may only be read', async () => {
    const { dataFolder, file } = await fillDatabase(folders.make())
    const before = contents(dataFolder)
    chmodSync(dataFolder, 0o555)
    const problem = await asStranger(dataFolder, () => refusal({ dataFolder }))
    chmodSync(dataFolder, 0o700)
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', details: { problem: 'readOnly', file } })
    expect(contents(dataFolder)).toEqual(before)
  })

  it.each(['BEGIN EXCLUSIVE', 'BEGIN IMMEDIATE', 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE'])('locked by another process with %s', async (sql) => {
    const { dataFolder, file } = await fillDatabase(folders.make())
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
  const { dataFolder, file } = await fillDatabase(folders.make())
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

it.each(['agents', 'ledger', 'call_costs'])('a database too large to be checked wholly is checked but for its bulk, and so is its table %s', async (table) => {
  const { dataFolder, file } = await fillDatabase(folders.make())
  const page = looking(file, (database) => database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table)) as number
  const options = { dataFolder, migrations, now: 0, busyTimeoutMs: 0, whollyCheckedBytes: 0 }
  const { fast, durable } = openDatabase(options)
  fast.close()
  durable.close()
  writeFileSync(file, readFileSync(file).fill(0xff, (page - 1) * 4096, page * 4096))
  expect(() => openDatabase(options)).toThrow(`The database ${file} is damaged`)
})
