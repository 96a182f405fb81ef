/** Events, agents and what belongs to them. Texts are compared byte by byte, as in SQLite. */
export const rooms = `
  -- Refuses with a sentence of the trigger that calls it.
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
  END $$;

  -- latest: the last place that was given out. kept_from: every event from here on is kept.
  CREATE TABLE event_sequence (
    id integer PRIMARY KEY CHECK (id = 1),
    latest bigint NOT NULL,
    kept_from bigint NOT NULL
  );
  INSERT INTO event_sequence VALUES (1, 0, 1);
  CREATE TRIGGER sequence_never_goes_back BEFORE UPDATE ON event_sequence FOR EACH ROW
    WHEN (NEW.kept_from < OLD.kept_from OR NEW.latest < OLD.latest OR NEW.id <> OLD.id)
    EXECUTE FUNCTION refuse('the sequence of events never goes back');
  CREATE TRIGGER sequence_is_the_only_one BEFORE INSERT ON event_sequence FOR EACH ROW EXECUTE FUNCTION refuse('there is one sequence of events');
  CREATE TRIGGER sequence_is_kept BEFORE DELETE OR TRUNCATE ON event_sequence EXECUTE FUNCTION refuse('the sequence of events is kept');

  CREATE TABLE events (
    seq bigint PRIMARY KEY,
    at bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    agent_id text COLLATE "C",
    message text NOT NULL,
    payload text NOT NULL
  );
  CREATE INDEX events_of_agents ON events (agent_id, seq) WHERE agent_id IS NOT NULL;
  CREATE INDEX events_of_budgets ON events (agent_id, name, seq) WHERE name IN ('agent.progressed', 'budget.exhausted');

  CREATE FUNCTION append_event() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.seq <= (SELECT max(seq) FROM events) THEN
      RAISE EXCEPTION 'events are only ever appended';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER events_are_appended BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION append_event();
  CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse('events are never changed');
  CREATE TRIGGER events_are_not_emptied BEFORE TRUNCATE ON events EXECUTE FUNCTION refuse('events are kept until retention forgets them');

  -- Retention moves kept_from first; what lies in front of it may go.
  CREATE FUNCTION keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF OLD.seq >= (SELECT kept_from FROM event_sequence) THEN
      RAISE EXCEPTION 'events are kept until retention forgets them';
    END IF;
    RETURN OLD;
  END $$;
  CREATE TRIGGER events_are_kept BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep_event();

  CREATE TABLE agents (
    id text COLLATE "C" PRIMARY KEY,
    created_at bigint NOT NULL,
    -- The payload of its last agent.changed.
    payload text NOT NULL
  );
  -- A sealed document stands in place of the other.
  CREATE TABLE checkpoints (
    agent_id text COLLATE "C" PRIMARY KEY,
    document text NOT NULL,
    sealed bytea,
    saved_at bigint NOT NULL
  );
  -- A null was not kept: there was no key to seal it with.
  CREATE TABLE launch_plans (
    agent_id text COLLATE "C" PRIMARY KEY,
    sealed bytea
  );
  CREATE TABLE alerts (
    agent_id text COLLATE "C" NOT NULL,
    raises bigint NOT NULL,
    threshold bigint NOT NULL,
    channel text COLLATE "C" NOT NULL,
    claimed_at bigint NOT NULL,
    outcome text CHECK (outcome IN ('sent', 'failed')),
    attempts bigint NOT NULL DEFAULT 0,
    settled_at bigint,
    PRIMARY KEY (agent_id, raises, threshold, channel)
  );
`
