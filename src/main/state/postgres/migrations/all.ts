import type { PostgresMigration } from './migration.ts'
import { accounts } from './v1Accounts.ts'
import { ledger } from './v1Ledger.ts'
import { records } from './v1Records.ts'
import { rooms } from './v1Rooms.ts'
import { instances } from './v2Instances.ts'

const TOGETHER = [rooms, ledger, records, accounts]

/** In order, without a hole: a migration's version is its place in this list, from 1 on. */
export const migrations: readonly PostgresMigration[] = [
  {
    version: 1,
    name: 'foundation',
    async up(sql) {
      for (const part of TOGETHER) await sql.run(part)
    },
  },
  { version: 2, name: 'instances', up: (sql) => sql.run(instances) },
]
