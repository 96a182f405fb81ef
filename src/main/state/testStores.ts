import Database from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { DATABASE_FILE } from './openDatabase.ts'
import { openState, type StateOptions } from './openState.ts'
import { openPostgresState } from './postgres/openPostgresState.ts'
import { findPostgres, startPostgres, type TestPostgres } from './postgres/testPostgres.ts'
import type { State } from './repositories.ts'
import { tamper } from './testAudit.ts'
import { closeAsIfKilled } from './testCrash.ts'

/** Somewhere empty for one test to keep its state in. */
export interface Place {
  /** The one that it all stands in, where there is one. */
  readonly file: string | null
  open(options: Pick<StateOptions, 'clock' | 'log' | 'auditKey'>): Promise<State>
  /** As after a SIGKILL: nothing is written down on the way out. */
  kill(state: State): Promise<void>
  /** Runs statements as some other program would. */
  change(statements: string): Promise<unknown>
  rows<R extends object>(query: string): Promise<R[]>
  /** As somebody does who takes the triggers away first. */
  tamper(statements: string): Promise<unknown>
}

export interface TestStore {
  readonly name: 'SQLite' | 'PostgreSQL'
  make(): Promise<Place>
}

/** The same specifications for each store; what a store has not here is skipped by its name. */
export function describeStores(what: string, specify: (store: TestStore) => void): void {
  describe(`${what}, in SQLite`, () => {
    const folders: string[] = []
    afterEach(() => removeAll(folders))
    specify({ name: 'SQLite', make: async () => inSqlite(newFolder(folders)) })
  })
  const programs = findPostgres()
  describe.skipIf(programs === null)(`${what}, in PostgreSQL${programs === null ? ' (not installed here: initdb and postgres of 15 or newer)' : ''}`, () => {
    const folders: string[] = []
    let server: TestPostgres
    beforeAll(async () => {
      server = await startPostgres(programs ?? '')
    })
    afterEach(async () => {
      await server.takeBack()
      removeAll(folders)
    })
    afterAll(() => server.stop())
    specify({ name: 'PostgreSQL', make: async () => inPostgres(server, await server.lend(), newFolder(folders)) })
  })
}

function inSqlite(dataFolder: string): Place {
  const asAnother = async <R>(action: (database: Database.Database) => R): Promise<R> => {
    const database = new Database(join(dataFolder, DATABASE_FILE))
    try {
      return action(database)
    } finally {
      database.close()
    }
  }
  return {
    file: join(dataFolder, DATABASE_FILE),
    open: (options) => openState({ dataFolder, ...options }),
    kill: (state) => closeAsIfKilled(state, dataFolder),
    change: (statements) => asAnother((database) => database.exec(statements)),
    rows: <R extends object>(query: string) => asAnother((database) => database.prepare<[], R>(query).all()),
    tamper: async (statements) => tamper(join(dataFolder, DATABASE_FILE), statements),
  }
}

function inPostgres(server: TestPostgres, url: string, dataFolder: string): Place {
  return {
    file: null,
    async open({ clock, ...options }) {
      return openPostgresState({ url, clock, instance: 'the-only-one', machine: await openState({ dataFolder, clock }), ...options })
    },
    async kill(state) {
      await server.cut(url)
      await state.close()
    },
    change: (statements) => server.change(url, statements),
    rows: (query) => server.rows(url, query),
    tamper: (statements) => server.change(url, `${WITHOUT_TRIGGERS}; ${statements}`),
  }
}

const WITHOUT_TRIGGERS = `
  DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT tgname AS name, tgrelid::regclass AS of FROM pg_trigger WHERE NOT tgisinternal LOOP
      EXECUTE format('DROP TRIGGER %I ON %s', one.name, one.of);
    END LOOP;
  END $$`

function newFolder(folders: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'control-room-'))
  folders.push(folder)
  return folder
}

function removeAll(folders: string[]): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}
