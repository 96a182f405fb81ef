/** The bill: whole nanodollars in bigint, only ever appended. */
export const ledger = `
  -- Entries are numbered for each agent. A settlement has the number of the reservation that it settles.
  CREATE TABLE ledger (
    agent_id text COLLATE "C" NOT NULL,
    entry bigint NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('limit', 'raise', 'reserve', 'settle')),
    at bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    call_id text COLLATE "C",
    attempt bigint,
    model text,
    actor text,
    reason text,
    PRIMARY KEY (agent_id, entry, kind),
    CHECK ((kind = 'reserve') = (call_id IS NOT NULL AND attempt IS NOT NULL AND model IS NOT NULL))
  );
  CREATE UNIQUE INDEX reservations_of_calls ON ledger (call_id, attempt) WHERE kind = 'reserve';

  -- A call's place is that of its event, its payload the event's.
  CREATE TABLE calls (
    seq bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    at bigint NOT NULL,
    payload text NOT NULL
  );

  CREATE FUNCTION append_to_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.kind = 'settle' THEN
      IF (SELECT string_agg(kind, ',') FROM ledger WHERE agent_id = NEW.agent_id AND entry = NEW.entry) IS DISTINCT FROM 'reserve' THEN
        RAISE EXCEPTION 'a reservation is settled once';
      END IF;
    ELSIF NEW.entry <= (SELECT max(entry) FROM ledger WHERE agent_id = NEW.agent_id) THEN
      RAISE EXCEPTION 'the ledger is only ever appended';
    END IF;
    IF NEW.kind = 'reserve' AND EXISTS (SELECT 1 FROM calls WHERE id = NEW.call_id) THEN
      RAISE EXCEPTION 'the call is finished';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER ledger_is_appended BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION append_to_ledger();
  CREATE TRIGGER ledger_stays_as_it_is BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse('the ledger is never changed');
  CREATE TRIGGER ledger_is_kept BEFORE DELETE OR TRUNCATE ON ledger EXECUTE FUNCTION refuse('the ledger is kept');

  -- What is summed lies apart from the bulk.
  CREATE TABLE call_costs (
    agent_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    model text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    refusal text COLLATE "C",
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    cost bigint NOT NULL,
    PRIMARY KEY (agent_id, seq)
  );
  CREATE INDEX refused_calls ON call_costs (agent_id, refusal) WHERE refusal IS NOT NULL;

  CREATE TRIGGER calls_stay_as_they_are BEFORE UPDATE ON calls FOR EACH ROW EXECUTE FUNCTION refuse('calls are never changed');
  CREATE TRIGGER calls_are_kept BEFORE DELETE OR TRUNCATE ON calls EXECUTE FUNCTION refuse('calls are kept');
  CREATE TRIGGER call_costs_stay_as_they_are BEFORE UPDATE ON call_costs FOR EACH ROW EXECUTE FUNCTION refuse('calls are never changed');
  CREATE TRIGGER call_costs_are_kept BEFORE DELETE OR TRUNCATE ON call_costs EXECUTE FUNCTION refuse('calls are kept');
`
