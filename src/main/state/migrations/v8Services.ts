import type { Migration } from './migration.ts'

export const services: Migration = {
  version: 8,
  name: 'services',
  up(database) {
    database.exec(`
      -- Breakers with their counts, as the reducer left them. Those of the room itself stand under an empty agent id.
      CREATE TABLE service_breakers (
        agent_id TEXT NOT NULL,
        service TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (agent_id, service, endpoint)
      ) STRICT, WITHOUT ROWID;

      -- What services answered, sealed; the question is a keyed hash. The owner is a script in an environment.
      CREATE TABLE service_answers (
        owner TEXT NOT NULL,
        service TEXT NOT NULL,
        question TEXT NOT NULL,
        sealed BLOB NOT NULL,
        kept_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL,
        -- Nobody gets it after this moment.
        until INTEGER NOT NULL,
        PRIMARY KEY (owner, service, question)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX service_answers_by_use ON service_answers (owner, service, used_at);
      CREATE INDEX service_answers_by_end ON service_answers (until);

      CREATE TABLE agent_destinations (
        agent_id TEXT NOT NULL,
        host TEXT NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (agent_id, host)
      ) STRICT, WITHOUT ROWID;
    `)
  },
}
