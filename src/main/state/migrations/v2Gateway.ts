import type { Migration } from './migration.ts'

export const gateway: Migration = {
  version: 2,
  name: 'gateway',
  up(database) {
    database.exec(`
      CREATE TABLE ledger (
        seq INTEGER PRIMARY KEY,
        agent_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('limit', 'raise', 'reserve', 'settle')),
        call_id TEXT,
        attempt INTEGER,
        model TEXT,
        amount INTEGER NOT NULL CHECK (amount >= 0),
        actor TEXT,
        reason TEXT
      ) STRICT;

      -- A reservation is made once and settled once.
      CREATE UNIQUE INDEX ledger_attempts ON ledger (call_id, attempt, kind) WHERE call_id IS NOT NULL;

      CREATE TRIGGER ledger_is_appended BEFORE INSERT ON ledger
      WHEN NEW.seq <= (SELECT max(seq) FROM ledger)
      BEGIN SELECT RAISE(ABORT, 'the ledger is only ever appended'); END;

      CREATE TRIGGER ledger_stays_as_it_is BEFORE UPDATE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;

      CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is kept'); END;

      CREATE TABLE calls (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        agent_id TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at INTEGER NOT NULL,
        model TEXT NOT NULL,
        outcome TEXT NOT NULL,
        refusal TEXT,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        payload TEXT NOT NULL
      ) STRICT;
      CREATE INDEX calls_of_agents ON calls (agent_id, seq);

      CREATE TABLE alerts (
        agent_id TEXT NOT NULL,
        raises INTEGER NOT NULL,
        threshold INTEGER NOT NULL,
        channel TEXT NOT NULL,
        claimed_at INTEGER NOT NULL,
        outcome TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        settled_at INTEGER,
        PRIMARY KEY (agent_id, raises, threshold, channel)
      ) STRICT, WITHOUT ROWID;

      -- Agents from before there was a gateway.
      UPDATE agents SET payload = json_set(payload,
        '$.agent.plan.atLimit', NULL,
        '$.agent.plan.parkForMs', 600000,
        '$.agent.plan.baselinePerUnit', NULL,
        '$.agent.plan.llm', json('{"mode":"simulated","upstreams":{"openai":null,"anthropic":null},"unknownModel":"refuse","simulation":{"seed":0,"delayMs":0,"failures":[]}}'));
    `)
  },
}
