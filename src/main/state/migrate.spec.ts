import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Agent } from '../../shared/domain/agent.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { createTestClock } from '../access/testClock.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { migrations } from './migrations/all.ts'
import type { Migration } from './migrations/migration.ts'
import { openDatabase } from './openDatabase.ts'
import { openState } from './openState.ts'
import { clock, eventsIn, fillDatabase, looking, nextMigration, refusal, versionOf } from './testDatabase.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const isPosix = process.platform !== 'win32'

describe('migrations', () => {
  it('are numbered from 1 without a hole', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
  })

  it('back up what is there first, and say so in the log', async () => {
    const { dataFolder, file } = await fillDatabase(folders.make())
    const before = eventsIn(file)
    const entries: LogEntry[] = []
    const log = { write: (entry: LogEntry) => void entries.push(entry), flush: async () => {} }
    await (await openState({ dataFolder, clock, log, migrations: [...migrations, nextMigration] })).close()

    const [backup, ...others] = readdirSync(join(dataFolder, 'backups'))
    expect(others).toEqual([])
    expect(backup).toBe(`control-room-2026-11-21T14-23-45.000Z-v${migrations.length}.db`)
    const path = join(dataFolder, 'backups', String(backup))
    if (isPosix) expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(eventsIn(path)).toEqual(before)
    expect(versionOf(path)).toBe(migrations.length)
    expect(versionOf(file)).toBe(migrations.length + 1)
    expect(eventsIn(file)).toEqual(before)
    expect(entries).toMatchObject([{ event: 'state.migrated', msg: expect.stringContaining(path) }])
  })

  it('keep the last three backups', async () => {
    const { dataFolder } = await fillDatabase(folders.make())
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

  it('keep the backup that they have just made, also where the clock was set back, and nothing of one that was never finished', async () => {
    const { dataFolder } = await fillDatabase(folders.make())
    const backups = join(dataFolder, 'backups')
    mkdirSync(backups)
    const later = ['2031', '2032', '2033'].map((year) => `control-room-${year}-01-01T00-00-00.000Z-v1.db`)
    for (const name of [...later, 'control-room-2025-01-01T00-00-00.000Z-v1.db.partial']) writeFileSync(join(backups, name), 'invented')
    await (await openState({ dataFolder, clock, migrations: [...migrations, nextMigration] })).close()
    expect(readdirSync(backups).sort()).toEqual([expect.stringMatching(/^control-room-2026-11-/), ...later.slice(1)])
  })

  it('leave the database as it was when one of them fails, and name the backup', async () => {
    const { dataFolder, file } = await fillDatabase(folders.make())
    const before = eventsIn(file)
    const broken: Migration = {
      ...nextMigration,
      up(database) {
        database.exec('CREATE TABLE half (id INTEGER) STRICT; DROP TABLE recent_scripts')
        throw new Error('an invented mishap')
      },
    }
    const problem = await refusal({ dataFolder, migrations: [...migrations, broken] })
    expect(problem).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        new RegExp(
          `could not be brought to version ${nextMigration.version} \\(invented: an invented mishap\\) ` +
            `and stays at version ${migrations.length}.*A copy from before lies in .*backups`,
        ),
      ),
    })
    expect(versionOf(file)).toBe(migrations.length)
    expect(tablesOf(file)).not.toContain('half')
    expect(tablesOf(file)).toContain('recent_scripts')
    expect(eventsIn(file)).toEqual(before)
  })

  it('refuse a step that leaves rows pointing nowhere', async () => {
    const { dataFolder, file } = await fillDatabase(folders.make())
    const dangling: Migration = {
      ...nextMigration,
      up: (database) => database.exec('CREATE TABLE child (parent INTEGER REFERENCES events (seq)) STRICT; INSERT INTO child VALUES (999999)'),
    }
    expect(await refusal({ dataFolder, migrations: [...migrations, dangling] })).toMatchObject({ message: expect.stringContaining('1 rows refer to rows that are gone') })
    expect(versionOf(file)).toBe(migrations.length)
  })

  it('do not begin when the backup cannot be taken', async () => {
    const { dataFolder, file } = await fillDatabase(folders.make())
    writeFileSync(join(dataFolder, 'backups'), 'in the way')
    await refusal({ dataFolder, migrations: [...migrations, nextMigration] })
    expect(versionOf(file)).toBe(migrations.length)
  })
})

describe('the step to the gateway', () => {
  const since = ['atLimit', 'parkForMs', 'baselinePerUnit', 'llm']
  const before = Object.fromEntries(Object.entries(samplePlan()).filter(([name]) => !since.includes(name)))

  it('gives agents from before it a plan for their calls, and keeps all else of them', async () => {
    const dataFolder = folders.make()
    const { fast, durable, file } = openDatabase({ dataFolder, migrations: migrations.slice(0, 1), now: 0, busyTimeoutMs: 0 })
    const agents = ['lg-7a3f9c2d', 'ot-00000001'].map((id) => ({ ...sampleAgent({ id, reason: 'Ünder "quotes" 🚀' }), plan: before }))
    for (const agent of agents) fast.prepare('INSERT INTO agents VALUES (?, ?, ?)').run(agent.id, agent.createdAt, JSON.stringify({ agent }))
    fast.close()
    durable.close()

    const state = await openState({ dataFolder, clock })
    const migrated = await state.agents.all()
    expect(migrated).toEqual(agents.map((agent) => ({ ...agent, plan: samplePlan() })))
    expect(migrated.map((agent) => Agent.parse(agent))).toEqual(migrated)
    expect(await state.ledger.totals()).toEqual([])
    await state.close()
    expect(versionOf(file)).toBe(migrations.length)
    const [backup] = readdirSync(join(dataFolder, 'backups'))
    expect(versionOf(join(dataFolder, 'backups', String(backup)))).toBe(1)
  })
})

function tablesOf(file: string): unknown[] {
  return looking(file, (database) => database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all())
}
