import type { Migration } from './migration.ts'

export const accounts: Migration = {
  version: 6,
  name: 'accounts',
  up(database) {
    database.exec(`
      -- A stamp is new with each password: sessions that carry another one have ended.
      CREATE TABLE users (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
        password_hash TEXT NOT NULL,
        stamp TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        last_seen_at INTEGER
      ) STRICT, WITHOUT ROWID;

      -- Of the token itself its SHA-256 alone; 256 random bits need no slower one.
      CREATE TABLE api_tokens (
        id TEXT PRIMARY KEY,
        label TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('admin', 'viewer', 'agent')),
        agent_id TEXT,
        token_hash TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
        created_at INTEGER NOT NULL,
        last_used_at INTEGER,
        revoked_at INTEGER,
        CHECK ((role = 'agent') = (agent_id IS NOT NULL))
      ) STRICT, WITHOUT ROWID;

      CREATE TRIGGER api_tokens_stay_revoked BEFORE UPDATE ON api_tokens
      WHEN OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at
      BEGIN SELECT RAISE(ABORT, 'a revoked token stays revoked'); END;

      -- Sessions that were ended before their time; kept until they would have expired by themselves.
      CREATE TABLE revoked_sessions (
        jti TEXT PRIMARY KEY,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `)
  },
}
