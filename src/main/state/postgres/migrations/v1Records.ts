import { CHAIN_START } from '../../../audit/chain.ts'

/** Both audits with their heads, the originals, and what was said about safety. */
export const records = `
  CREATE FUNCTION append_link() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    latest bigint;
    place bigint;
  BEGIN
    EXECUTE format('SELECT coalesce(max(%I), 0) FROM %I.%I', TG_ARGV[0], TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO latest;
    place := to_jsonb(NEW) ->> TG_ARGV[0];
    IF place IS DISTINCT FROM latest + 1 THEN
      RAISE EXCEPTION 'the audit is only ever appended';
    END IF;
    IF TG_TABLE_NAME = 'pii_audit' THEN
      IF EXISTS (SELECT 1 FROM pii_audit WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'the audit is only ever appended';
      END IF;
    END IF;
    RETURN NEW;
  END $$;

  -- Nothing private stands in it: value_hash is a keyed hash. Each hash covers its row and the hash before it.
  CREATE TABLE pii_audit (
    place bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    at bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    severity text NOT NULL CHECK (severity IN ('CRITICAL', 'WARN')),
    agent_id text COLLATE "C",
    call_id text COLLATE "C",
    direction text,
    location text NOT NULL,
    action text NOT NULL,
    value_hash text NOT NULL,
    preview text NOT NULL,
    has_original integer NOT NULL CHECK (has_original IN (0, 1)),
    about text,
    actor text,
    reason text,
    times bigint NOT NULL CHECK (times > 0),
    hash text NOT NULL
  );
  CREATE INDEX audit_of_agents ON pii_audit (agent_id, place);
  CREATE INDEX audit_of_rare_kinds ON pii_audit (kind, place) WHERE kind <> 'private';

  -- No value ever stands in it. Each hash covers its row and the hash before it.
  CREATE TABLE secret_audit_log (
    id bigint PRIMARY KEY,
    secret_name text COLLATE "C" NOT NULL,
    operation text NOT NULL,
    requester_role text NOT NULL,
    requester text NOT NULL,
    agent_id text,
    success integer NOT NULL CHECK (success IN (0, 1)),
    error_message text,
    timestamp text COLLATE "C" NOT NULL,
    chain_hash text NOT NULL
  );
  CREATE INDEX audit_of_secret_names ON secret_audit_log (secret_name, id);

  ${auditRules('pii_audit', 'place')}
  ${auditRules('secret_audit_log', 'id')}
  ${headOf('pii_audit_head')}
  ${headOf('secret_audit_head')}

  -- What was found, sealed. Rows go by themselves after a while.
  CREATE TABLE pii_originals (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    at bigint NOT NULL,
    sealed bytea NOT NULL
  );
  CREATE FUNCTION append_original() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (SELECT 1 FROM pii_originals WHERE id = NEW.id OR place = NEW.place) THEN
      RAISE EXCEPTION 'originals are only ever added';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER originals_are_appended BEFORE INSERT ON pii_originals FOR EACH ROW EXECUTE FUNCTION append_original();
  CREATE TRIGGER originals_stay_as_they_are BEFORE UPDATE ON pii_originals FOR EACH ROW EXECUTE FUNCTION refuse('originals are never changed');

  -- An empty agent_id is the whole room.
  CREATE TABLE safety_rules (agent_id text COLLATE "C" PRIMARY KEY, payload text NOT NULL);
  CREATE TABLE safety_allowances (
    id text COLLATE "C" PRIMARY KEY,
    agent_id text COLLATE "C",
    at bigint NOT NULL,
    payload text NOT NULL
  );
`

function auditRules(table: string, place: string): string {
  return `
  CREATE TRIGGER ${table}_is_appended BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION append_link('${place}');
  CREATE TRIGGER ${table}_stays_as_it_is BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse('the audit is never changed');
  CREATE TRIGGER ${table}_is_kept BEFORE DELETE OR TRUNCATE ON ${table} EXECUTE FUNCTION refuse('the audit is kept');`
}

/** Where an audit ends. The seal is made with a key; null where there was none. */
function headOf(table: string): string {
  return `
  CREATE TABLE ${table} (
    id integer PRIMARY KEY CHECK (id = 1),
    place bigint NOT NULL,
    hash text NOT NULL,
    seal text
  );
  INSERT INTO ${table} VALUES (1, 0, '${CHAIN_START}', NULL);
  CREATE TRIGGER ${table}_is_the_only_one BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse('the audit has one head');
  CREATE TRIGGER ${table}_never_goes_back BEFORE UPDATE ON ${table} FOR EACH ROW
    WHEN (NEW.place < OLD.place OR NEW.id <> OLD.id) EXECUTE FUNCTION refuse('the audit never goes back');
  CREATE TRIGGER ${table}_is_kept BEFORE DELETE OR TRUNCATE ON ${table} EXECUTE FUNCTION refuse('the audit has a head');`
}
