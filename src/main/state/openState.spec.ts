import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LogEntry } from '../telemetry/log.ts'
import { migrations } from './migrations/all.ts'
import { DATABASE_FILE, openDatabase } from './openDatabase.ts'
import { openState } from './openState.ts'
import { closeAsIfKilled } from './testCrash.ts'
import { clock, fillDatabase, refusal } from './testDatabase.ts'
import { note } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const isPosix = process.platform !== 'win32'

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
    await fillDatabase(dataFolder)
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700)
    chmodSync(join(dataFolder, DATABASE_FILE), 0o644)
    await (await openState({ dataFolder, clock })).close()
    expect(statSync(join(dataFolder, DATABASE_FILE)).mode & 0o777).toBe(0o600)
  })

  it('takes no backup', async () => {
    const { dataFolder } = await fillDatabase(folders.make())
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

it('a start after a crash is noted in the log, a start after closing is not', async () => {
  const { dataFolder } = await fillDatabase(folders.make())
  const entries: LogEntry[] = []
  const log = { write: (entry: LogEntry) => void entries.push(entry), flush: async () => {} }
  const state = await openState({ dataFolder, clock, log })
  expect(entries).toEqual([])
  await closeAsIfKilled(state, dataFolder)
  await (await openState({ dataFolder, clock, log })).close()
  expect(entries).toMatchObject([{ level: 'WARN', event: 'state.recovered' }])
})
