import type { Migration } from './migration.ts'

export const gateway: Migration = {
  version: 2,
  name: 'gateway',
  up(database) {
    database.exec(`
      -- Entries are numbered for each agent. A settlement has the number of the reservation that it settles, and so lies beside it.
      CREATE TABLE ledger (
        agent_id TEXT NOT NULL,
        entry INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('limit', 'raise', 'reserve', 'settle')),
        at INTEGER NOT NULL,
        amount INTEGER NOT NULL CHECK (amount >= 0),
        call_id TEXT,
        attempt INTEGER,
        model TEXT,
        actor TEXT,
        reason TEXT,
        PRIMARY KEY (agent_id, entry, kind),
        CHECK ((kind = 'reserve') = (call_id IS NOT NULL AND attempt IS NOT NULL AND model IS NOT NULL))
      ) STRICT, WITHOUT ROWID;

      CREATE TRIGGER ledger_is_appended BEFORE INSERT ON ledger
      WHEN NEW.kind <> 'settle' AND NEW.entry <= (SELECT max(entry) FROM ledger WHERE agent_id = NEW.agent_id)
      BEGIN SELECT RAISE(ABORT, 'the ledger is only ever appended'); END;

      -- Counts what lies at its place: the reservation alone.
      CREATE TRIGGER ledger_settles_once BEFORE INSERT ON ledger
      WHEN NEW.kind = 'settle'
        AND (SELECT group_concat(kind) FROM ledger WHERE agent_id = NEW.agent_id AND entry = NEW.entry) IS NOT 'reserve'
      BEGIN SELECT RAISE(ABORT, 'a reservation is settled once'); END;

      CREATE TRIGGER ledger_stays_as_it_is BEFORE UPDATE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;

      CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is kept'); END;

      -- A call's place is that of its event, its payload the event's.
      CREATE TABLE calls (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,
        payload TEXT NOT NULL
      ) STRICT;

      -- What is summed lies apart from the bulk.
      CREATE TABLE call_costs (
        agent_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        model TEXT NOT NULL,
        outcome TEXT NOT NULL,
        refusal TEXT,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        PRIMARY KEY (agent_id, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX refused_calls ON call_costs (agent_id, refusal) WHERE refusal IS NOT NULL;

      CREATE TRIGGER ledger_reserves_for_what_goes_on BEFORE INSERT ON ledger
      WHEN NEW.kind = 'reserve' AND EXISTS (SELECT 1 FROM calls WHERE id = NEW.call_id)
      BEGIN SELECT RAISE(ABORT, 'the call is finished'); END;

      CREATE TRIGGER calls_stay_as_they_are BEFORE UPDATE ON calls
      BEGIN SELECT RAISE(ABORT, 'calls are never changed'); END;
      CREATE TRIGGER calls_are_kept BEFORE DELETE ON calls
      BEGIN SELECT RAISE(ABORT, 'calls are kept'); END;
      CREATE TRIGGER call_costs_stay_as_they_are BEFORE UPDATE ON call_costs
      BEGIN SELECT RAISE(ABORT, 'calls are never changed'); END;
      CREATE TRIGGER call_costs_are_kept BEFORE DELETE ON call_costs
      BEGIN SELECT RAISE(ABORT, 'calls are kept'); END;

      -- What a budget was told last outlives the room; all other events cost this index nothing.
      CREATE INDEX events_of_budgets ON events (agent_id, name, seq) WHERE name IN ('agent.progressed', 'budget.exhausted');

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
