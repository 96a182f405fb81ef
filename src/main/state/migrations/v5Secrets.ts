import type { Migration } from './migration.ts'

export const secrets: Migration = {
  version: 5,
  name: 'secrets',
  up(database) {
    database.exec(`
      -- Each change of the master key is a generation. The room's own key is sealed under it, and never changes.
      -- While one generation takes over from another, each keeps the other's master key, sealed under its own.
      CREATE TABLE master_keys (
        generation INTEGER PRIMARY KEY CHECK (generation > 0),
        created_at INTEGER NOT NULL,
        salt BLOB NOT NULL CHECK (length(salt) = 16),
        check_value BLOB NOT NULL CHECK (length(check_value) = 32),
        room_key BLOB NOT NULL,
        next_master BLOB,
        previous_master BLOB
      ) STRICT;

      CREATE TABLE secrets (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        environment TEXT NOT NULL CHECK (environment IN ('development', 'staging', 'production')),
        version INTEGER NOT NULL CHECK (version > 0),
        delivery TEXT NOT NULL CHECK (delivery IN ('value', 'sealed')),
        hosts TEXT NOT NULL,
        masked TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        deleted_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX secret_names ON secrets (environment, name) WHERE deleted_at IS NULL;

      -- The value, sealed: AES-256-GCM with its tag behind it, under a key of its own salt.
      CREATE TABLE secret_versions (
        secret_id TEXT NOT NULL REFERENCES secrets (id),
        version INTEGER NOT NULL CHECK (version > 0),
        key_generation INTEGER NOT NULL,
        salt BLOB NOT NULL CHECK (length(salt) = 16),
        nonce BLOB NOT NULL CHECK (length(nonce) = 12),
        sealed BLOB NOT NULL,
        masked TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        PRIMARY KEY (secret_id, version)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX versions_of_generations ON secret_versions (key_generation);

      -- No value ever stands in it. Each hash covers its row and the hash before it.
      CREATE TABLE secret_audit_log (
        id INTEGER PRIMARY KEY,
        secret_name TEXT NOT NULL,
        operation TEXT NOT NULL,
        requester_role TEXT NOT NULL,
        requester TEXT NOT NULL,
        agent_id TEXT,
        success INTEGER NOT NULL CHECK (success IN (0, 1)),
        error_message TEXT,
        timestamp TEXT NOT NULL,
        chain_hash TEXT NOT NULL
      ) STRICT;
      CREATE INDEX audit_of_secret_names ON secret_audit_log (secret_name, id);

      -- REPLACE fires no delete trigger where recursive_triggers is off: whatever it would replace is refused here.
      CREATE TRIGGER secret_audit_is_appended BEFORE INSERT ON secret_audit_log
      WHEN NEW.id IS NOT 1 + (SELECT coalesce(max(id), 0) FROM secret_audit_log)
      BEGIN SELECT RAISE(ABORT, 'the audit is only ever appended'); END;
      CREATE TRIGGER secret_audit_stays_as_it_is BEFORE UPDATE ON secret_audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
      CREATE TRIGGER secret_audit_is_kept BEFORE DELETE ON secret_audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit is kept'); END;

      -- Where the audit ends. The seal is made with a key of the room; null where there was none.
      CREATE TABLE secret_audit_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        place INTEGER NOT NULL,
        hash TEXT NOT NULL,
        seal TEXT
      ) STRICT;
      INSERT INTO secret_audit_head VALUES (1, 0, '${'0'.repeat(64)}', NULL);
      CREATE TRIGGER secret_audit_head_is_the_only_one BEFORE INSERT ON secret_audit_head
      BEGIN SELECT RAISE(ABORT, 'the audit has one head'); END;
      CREATE TRIGGER secret_audit_head_never_goes_back BEFORE UPDATE ON secret_audit_head
      WHEN NEW.place < OLD.place OR NEW.id <> OLD.id
      BEGIN SELECT RAISE(ABORT, 'the audit never goes back'); END;
      CREATE TRIGGER secret_audit_head_is_kept BEFORE DELETE ON secret_audit_head
      BEGIN SELECT RAISE(ABORT, 'the audit has a head'); END;
    `)
  },
}
