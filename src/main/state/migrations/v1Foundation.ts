import type { Migration } from './migration.ts'

export const foundation: Migration = {
  version: 1,
  name: 'foundation',
  up(database) {
    database.exec(`
      CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        name TEXT NOT NULL,
        severity TEXT NOT NULL,
        agent_id TEXT,
        message TEXT NOT NULL,
        payload TEXT NOT NULL
      ) STRICT;

      -- Which stretches of 1,024 places hold events of an agent: a thousandth of the cost of an index on every row.
      CREATE TABLE event_blocks (
        agent_id TEXT NOT NULL,
        block INTEGER NOT NULL,
        PRIMARY KEY (agent_id, block)
      ) STRICT, WITHOUT ROWID;

      -- reserved: no place up to here is ever given out again. kept_from: every event from here on is kept.
      CREATE TABLE event_sequence (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        reserved INTEGER NOT NULL,
        kept_from INTEGER NOT NULL,
        is_clean INTEGER NOT NULL
      ) STRICT;
      INSERT INTO event_sequence VALUES (1, 0, 1, 1);

      -- Places that somebody may have seen before a loss of power took their events back.
      CREATE TABLE event_gaps (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;

      CREATE TRIGGER events_are_appended BEFORE INSERT ON events
      WHEN NEW.seq <= (SELECT max(seq) FROM events)
      BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END;

      CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events
      BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

      -- Retention moves kept_from first; what lies in front of it may go.
      CREATE TRIGGER events_are_kept BEFORE DELETE ON events
      WHEN OLD.seq >= (SELECT kept_from FROM event_sequence)
      BEGIN SELECT RAISE(ABORT, 'events are kept until retention forgets them'); END;

      CREATE TRIGGER sequence_never_goes_back BEFORE UPDATE ON event_sequence
      WHEN NEW.kept_from < OLD.kept_from OR (NEW.reserved < OLD.reserved AND NEW.is_clean = 0)
      BEGIN SELECT RAISE(ABORT, 'the sequence of events never goes back'); END;

      CREATE TABLE agents (
        id TEXT PRIMARY KEY,
        created_at INTEGER NOT NULL,
        -- The payload of its last agent.changed.
        payload TEXT NOT NULL
      ) STRICT;

      CREATE TABLE process_marks (
        agent_id TEXT PRIMARY KEY,
        run_token TEXT NOT NULL,
        pid INTEGER,
        process_start TEXT
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE checkpoints (
        agent_id TEXT PRIMARY KEY,
        document TEXT NOT NULL,
        saved_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE recent_scripts (
        script TEXT PRIMARY KEY,
        last_started_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `)
  },
}
