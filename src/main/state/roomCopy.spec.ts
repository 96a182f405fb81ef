import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { migrations } from './migrations/all.ts'
import { DATABASE_FILE } from './openDatabase.ts'
import { openState } from './openState.ts'
import { copyRoom, type RoomCopy } from './roomCopy.ts'
import { changing, clock, contents, eventsIn, fillDatabase, nextMigration } from './testDatabase.ts'
import { note } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'
import { asStranger } from './testStranger.ts'

const folders = useTestFolders()

const copy = (dataFolder: string, folder: string): RoomCopy => copyRoom({ dataFolder, folder, keyFile: 'master.key', beside: ['settings.yaml', 'terminals', 'own/prices.yaml'] })

describe('the copy of a room', () => {
  it('has what was stored a moment ago, while the room goes on writing', async () => {
    const dataFolder = folders.make()
    const folder = join(folders.make(), 'copy')
    const state = await openState({ dataFolder, clock })
    await state.events.append([{ announcement: note('before the copy'), at: clock.now() }])
    expect(copy(dataFolder, folder)).toEqual({ names: [DATABASE_FILE], hasEvents: true, needsKey: false })
    await state.events.append([{ announcement: note('after the copy'), at: clock.now() }])
    expect(eventsIn(join(folder, DATABASE_FILE))).toHaveLength(1)
    await state.close()

    const restored = await openState({ dataFolder: folder, clock })
    await restored.events.append([{ announcement: note('goes on in the copy'), at: clock.now() }])
    await restored.close()
    expect(eventsIn(join(folder, DATABASE_FILE))).toHaveLength(2)
  })

  it('has what lies beside the database where it is there, for its owner alone, and changes nothing', async () => {
    const { dataFolder } = await fillDatabase(folders.make())
    for (const name of ['terminals', 'own', 'logs']) mkdirSync(join(dataFolder, name))
    for (const name of ['master.key', 'settings.yaml', 'terminals/lg-7a3f9c2d.cast', 'own/prices.yaml', 'logs/control-room.log', 'owner.token']) writeFileSync(join(dataFolder, name), name, { mode: 0o600 })
    const before = contents(dataFolder)
    const folder = join(folders.make(), 'deeper', 'copy')
    expect(copy(dataFolder, folder).names).toEqual([DATABASE_FILE, 'master.key', 'settings.yaml', 'terminals', 'own/prices.yaml'])
    expect(Object.keys(contents(folder))).toEqual([DATABASE_FILE, 'master.key', 'own/prices.yaml', 'settings.yaml', 'terminals/lg-7a3f9c2d.cast'])
    expect(readFileSync(join(folder, 'terminals/lg-7a3f9c2d.cast'), 'utf8')).toBe('terminals/lg-7a3f9c2d.cast')
    expect(contents(dataFolder)).toEqual(before)
    if (process.platform === 'win32') return
    for (const [name, mode] of [['', 0o700], [DATABASE_FILE, 0o600], ['master.key', 0o600], ['terminals', 0o700]] as const) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(mode)
  })

  it('tells of a database without an event, and of what only a master key opens', async () => {
    const dataFolder = folders.make()
    await (await openState({ dataFolder, clock })).close()
    changing(dataFolder, `INSERT INTO master_keys VALUES (1, 0, zeroblob(16), zeroblob(32), zeroblob(60), NULL, NULL)`)
    expect(copy(dataFolder, join(folders.make(), 'copy'))).toEqual({ names: [DATABASE_FILE], hasEvents: false, needsKey: true })
  })

  it('is not made within what is copied', async () => {
    const { dataFolder } = await fillDatabase(folders.make())
    mkdirSync(join(dataFolder, 'terminals'))
    const before = contents(dataFolder)
    const folder = join(dataFolder, 'terminals', 'copy')
    expect(() => copy(dataFolder, folder)).toThrow(`There can be no copy in ${folder}: it lies in ${join(dataFolder, 'terminals')}, which is copied`)
    expect(contents(dataFolder)).toEqual(before)
    copy(dataFolder, join(dataFolder, 'terminals-copied'))
  })

  it('never takes the place of an older one', async () => {
    const { dataFolder } = await fillDatabase(folders.make())
    const folder = folders.make()
    copy(dataFolder, folder)
    const before = contents(folder)
    expect(() => copy(dataFolder, folder)).toThrow(`There is something in ${folder} already`)
    expect(() => copy(dataFolder, dataFolder)).toThrow('There is something in')
    expect(contents(folder)).toEqual(before)
  })

  it.each<[string, (dataFolder: string) => void | Promise<void>, RegExp]>([
    ['there is no room', () => undefined, /there is none/],
    ['the file is of another program', (dataFolder) => changing(dataFolder, 'PRAGMA application_id = 7; CREATE TABLE theirs (id INTEGER)'), /is no database of the control room/],
    ['the database is damaged', async (dataFolder) => writeFileSync((await fillDatabase(dataFolder)).file, 'no database at all '.repeat(500)), /is damaged/],
    ['a newer version wrote it', async (dataFolder) => (await openState({ dataFolder, clock, migrations: [...migrations, nextMigration] })).close(), /newer version/],
  ])('is all or nothing: where %s, nothing is left behind', async (_, arrange, sentence) => {
    const dataFolder = folders.make()
    const outer = folders.make()
    await arrange(dataFolder)
    expect(() => copy(dataFolder, join(outer, 'copy'))).toThrow(sentence)
    expect(readdirSync(outer)).toEqual([])
  })

  it('says where nothing can be written', async () => {
    const { dataFolder } = await fillDatabase(folders.make())
    const outer = folders.make()
    writeFileSync(join(outer, 'file'), '')
    expect(() => copy(dataFolder, join(outer, 'file', 'copy'))).toThrow(/There can be no copy in .*\(ENOTDIR\)/)
  })

  it.skipIf(process.platform === 'win32')('says what could not be written', async () => {
    const { dataFolder } = await fillDatabase(folders.make())
    const folder = folders.make()
    chmodSync(folder, 0o755)
    await asStranger(dataFolder, () => expect(() => copy(dataFolder, folder)).toThrow(/The copy .*control-room\.db cannot be written \(EACCES\); nothing of it was kept/))
    expect(readdirSync(folder)).toEqual([])
  })
})
