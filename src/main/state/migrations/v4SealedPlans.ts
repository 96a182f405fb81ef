import type { Migration } from './migration.ts'

/** What older versions wrote in the clear does not stay in pages that are given up. */
export const sealedPlans: Migration = {
  version: 4,
  name: 'sealed plans',
  up(database) {
    database.pragma('secure_delete = ON')
    database.exec(`
      -- What it takes to start an agent again and may be private. A null was not kept: there was no key to seal it with.
      CREATE TABLE launch_plans (
        agent_id TEXT PRIMARY KEY,
        sealed BLOB
      ) STRICT, WITHOUT ROWID;

      -- Null: not looked through yet. A sealed document stands in place of the other.
      ALTER TABLE checkpoints ADD COLUMN is_clean INTEGER;
      ALTER TABLE checkpoints ADD COLUMN sealed BLOB;

      -- Once, and never again: the values of variables in events of earlier versions. The agents themselves are cleaned when their room opens.
      DROP TRIGGER events_stay_as_they_are;
      UPDATE events SET payload = json_set(payload, '$.agent.plan.variables', json((
        SELECT json_group_object(key, '[MASKED]') FROM json_each(events.payload, '$.agent.plan.variables'))))
      WHERE name = 'agent.changed' AND json_extract(payload, '$.agent.plan.variables') <> '{}';
      CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events
      BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
    `)
    database.pragma('secure_delete = OFF')
  },
}
