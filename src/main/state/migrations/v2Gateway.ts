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
        amount INTEGER NOT NULL CHECK (amount >= 0),
        call_id TEXT,
        attempt INTEGER,
        model TEXT,
        actor TEXT,
        reason TEXT,
        CHECK ((kind IN ('reserve', 'settle')) = (call_id IS NOT NULL AND attempt IS NOT NULL))
      ) STRICT;

      CREATE UNIQUE INDEX ledger_attempts ON ledger (call_id, attempt, kind) WHERE call_id IS NOT NULL;

      CREATE TRIGGER ledger_is_appended BEFORE INSERT ON ledger
      WHEN NEW.seq <= (SELECT max(seq) FROM ledger)
      BEGIN SELECT RAISE(ABORT, 'the ledger is only ever appended'); END;

      CREATE TRIGGER ledger_reserves_once BEFORE INSERT ON ledger
      WHEN NEW.kind = 'reserve' AND EXISTS (SELECT 1 FROM ledger WHERE call_id = NEW.call_id AND attempt = NEW.attempt)
      BEGIN SELECT RAISE(ABORT, 'an attempt is reserved once, before it is settled'); END;

      CREATE TRIGGER ledger_settles_once BEFORE INSERT ON ledger
      WHEN NEW.kind = 'settle' AND (
        SELECT group_concat(kind || agent_id) FROM ledger WHERE call_id = NEW.call_id AND attempt = NEW.attempt
      ) IS NOT 'reserve' || NEW.agent_id
      BEGIN SELECT RAISE(ABORT, 'an attempt is settled once, by the agent that reserved it'); END;

      CREATE TRIGGER ledger_stays_as_it_is BEFORE UPDATE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;

      CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is kept'); END;

      -- Its place is that of its event. What is summed stands apart from the bulk, so that sums read little.
      CREATE TABLE calls (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        agent_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        model TEXT NOT NULL,
        outcome TEXT NOT NULL,
        refusal TEXT,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX calls_of_agents ON calls (agent_id);
      CREATE INDEX calls_by_time ON calls (at);
      CREATE INDEX calls_refused ON calls (agent_id, refusal) WHERE refusal IS NOT NULL;

      -- The payload of its llm.callFinished.
      CREATE TABLE call_payloads (seq INTEGER PRIMARY KEY, payload TEXT NOT NULL) STRICT;

      CREATE TRIGGER calls_stay_as_they_are BEFORE UPDATE ON calls
      BEGIN SELECT RAISE(ABORT, 'calls are never changed'); END;

      CREATE TRIGGER calls_are_kept BEFORE DELETE ON calls
      BEGIN SELECT RAISE(ABORT, 'calls are kept'); END;

      CREATE TABLE alerts (
        agent_id TEXT NOT NULL,
        raises INTEGER NOT NULL,
        threshold INTEGER NOT NULL,
        channel TEXT NOT NULL,
        claimed_at INTEGER NOT NULL,
        outcome TEXT CHECK (outcome IN ('sent', 'failed')),
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
