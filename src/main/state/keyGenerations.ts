import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { OpenDatabase } from './openDatabase.ts'
import type { KeyGeneration, KeyGenerations } from './keptSecrets.ts'

export interface GenerationRow {
  generation: number
  created_at: number
  salt: Buffer
  check_value: Buffer
  room_key: Buffer
  next_master: Buffer | null
  previous_master: Buffer | null
}

export function createKeyGenerations({ durable }: Pick<OpenDatabase, 'durable'>): KeyGenerations {
  const insert = generationInsert(durable)
  const add = durable.transaction((generation: KeyGeneration) => {
    if (readGenerations(durable).length === 0) insert(generation)
  })
  return {
    all: async () => readGenerations(durable),
    addFirst: async (generation) => add.immediate(generation),
    hasOlderSeals: async () => durable.prepare(OLDER_SEALS).pluck().get() === 1,
  }
}

function readGenerations(database: Database.Database): KeyGeneration[] {
  return database.prepare<[], GenerationRow>('SELECT * FROM master_keys ORDER BY generation').all().map(toGeneration)
}

/** Of a room that may be open elsewhere; nothing of it is changed. None where there is no database, or one from before rooms had keys. */
export function generationsIn(file: string): KeyGeneration[] {
  if (!existsSync(file)) return []
  const database = new Database(file, { readonly: true, timeout: 1_000 })
  try {
    const isThere = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'master_keys'`).get() !== undefined
    return isThere ? readGenerations(database) : []
  } finally {
    database.close()
  }
}

export function generationInsert(database: Database.Database): (generation: KeyGeneration) => void {
  const insert = database.prepare('INSERT INTO master_keys VALUES (?, ?, ?, ?, ?, ?, ?)')
  return ({ generation, createdAt, salt, check, roomKey, nextMaster, previousMaster }) =>
    void insert.run(generation, createdAt, salt, check, roomKey, nextMaster, previousMaster)
}

export function toGeneration(row: GenerationRow): KeyGeneration {
  return {
    generation: row.generation,
    createdAt: row.created_at,
    salt: row.salt,
    check: row.check_value,
    roomKey: row.room_key,
    nextMaster: row.next_master,
    previousMaster: row.previous_master,
  }
}

const OLDER_SEALS = `
  SELECT EXISTS (SELECT 1 FROM pii_audit_head WHERE seal IS NOT NULL) OR EXISTS (SELECT 1 FROM pii_originals)
    OR EXISTS (SELECT 1 FROM launch_plans WHERE sealed IS NOT NULL) OR EXISTS (SELECT 1 FROM checkpoints WHERE sealed IS NOT NULL)`
