import type { Migration } from './migration.ts'

export const safety: Migration = {
  version: 3,
  name: 'safety',
  up(database) {
    database.exec(`
      -- Nothing private stands in it: value_hash is a keyed hash. Each hash covers its row and the hash before it.
      CREATE TABLE pii_audit (
        place INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        type TEXT NOT NULL,
        severity TEXT NOT NULL CHECK (severity IN ('CRITICAL', 'WARN')),
        agent_id TEXT,
        call_id TEXT,
        direction TEXT,
        location TEXT NOT NULL,
        action TEXT NOT NULL,
        value_hash TEXT NOT NULL,
        preview TEXT NOT NULL,
        has_original INTEGER NOT NULL CHECK (has_original IN (0, 1)),
        about TEXT,
        actor TEXT,
        reason TEXT,
        times INTEGER NOT NULL CHECK (times > 0),
        hash TEXT NOT NULL
      ) STRICT;
      CREATE INDEX audit_of_agents ON pii_audit (agent_id, place);
      CREATE INDEX audit_of_rare_kinds ON pii_audit (kind, place) WHERE kind <> 'private';

      -- REPLACE fires no delete trigger where recursive_triggers is off: whatever it would replace is refused here.
      CREATE TRIGGER audit_is_appended BEFORE INSERT ON pii_audit
      WHEN NEW.place IS NOT 1 + (SELECT coalesce(max(place), 0) FROM pii_audit) OR EXISTS (SELECT 1 FROM pii_audit WHERE id = NEW.id)
      BEGIN SELECT RAISE(ABORT, 'the audit is only ever appended'); END;
      CREATE TRIGGER audit_stays_as_it_is BEFORE UPDATE ON pii_audit
      BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
      CREATE TRIGGER audit_is_kept BEFORE DELETE ON pii_audit
      BEGIN SELECT RAISE(ABORT, 'the audit is kept'); END;

      -- Where the audit ends. The seal is made with the master key; null where there was none.
      CREATE TABLE pii_audit_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        place INTEGER NOT NULL,
        hash TEXT NOT NULL,
        seal TEXT
      ) STRICT;
      INSERT INTO pii_audit_head VALUES (1, 0, '${'0'.repeat(64)}', NULL);
      CREATE TRIGGER audit_head_is_the_only_one BEFORE INSERT ON pii_audit_head
      BEGIN SELECT RAISE(ABORT, 'the audit has one head'); END;
      CREATE TRIGGER audit_head_never_goes_back BEFORE UPDATE ON pii_audit_head
      WHEN NEW.place < OLD.place OR NEW.id <> OLD.id
      BEGIN SELECT RAISE(ABORT, 'the audit never goes back'); END;
      CREATE TRIGGER audit_head_is_kept BEFORE DELETE ON pii_audit_head
      BEGIN SELECT RAISE(ABORT, 'the audit has a head'); END;

      -- What was found, sealed. Rows go by themselves after a while.
      CREATE TABLE pii_originals (
        place INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,
        sealed BLOB NOT NULL
      ) STRICT;
      CREATE TRIGGER originals_are_appended BEFORE INSERT ON pii_originals
      WHEN EXISTS (SELECT 1 FROM pii_originals WHERE id = NEW.id OR place = NEW.place)
      BEGIN SELECT RAISE(ABORT, 'originals are only ever added'); END;
      CREATE TRIGGER originals_stay_as_they_are BEFORE UPDATE ON pii_originals
      BEGIN SELECT RAISE(ABORT, 'originals are never changed'); END;

      -- An empty agent_id is the whole room.
      CREATE TABLE safety_rules (
        agent_id TEXT PRIMARY KEY,
        payload TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE safety_allowances (
        id TEXT PRIMARY KEY,
        agent_id TEXT,
        at INTEGER NOT NULL,
        payload TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- Agents from before there was a safety engine: what they were launched with has held for nothing yet, and holds from now on.
      UPDATE agents SET payload = json_remove(json_set(payload, '$.agent.plan.safety', json_object(
        'rules', json_object(
          'mode', json_extract(payload, '$.agent.plan.safetyMode'),
          'types', json('{}'), 'directions', json('{}'), 'unauthorised', 'refuse', 'injection', 'warn'),
        'permissions', json('{"models":null,"tools":null,"hosts":null,"paths":null}'),
        'notPrivate', json('[]'))), '$.agent.plan.safetyMode')
      WHERE json_type(payload, '$.agent.plan.safety') IS NULL;
    `)
  },
}
