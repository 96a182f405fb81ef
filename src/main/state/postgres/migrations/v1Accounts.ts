/** Keys, secrets, users and tokens. */
export const accounts = `
  -- Each change of the master key is a generation. The room's own key is sealed under it, and never changes.
  -- While one generation takes over from another, each keeps the other's master key, sealed under its own.
  CREATE TABLE master_keys (
    generation bigint PRIMARY KEY CHECK (generation > 0),
    created_at bigint NOT NULL,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    check_value bytea NOT NULL CHECK (length(check_value) = 32),
    room_key bytea NOT NULL,
    next_master bytea,
    previous_master bytea
  );

  CREATE TABLE secrets (
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL CHECK (environment IN ('development', 'staging', 'production')),
    version bigint NOT NULL CHECK (version > 0),
    delivery text NOT NULL CHECK (delivery IN ('value', 'sealed')),
    hosts text NOT NULL,
    masked text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint
  );
  CREATE UNIQUE INDEX secret_names ON secrets (environment, name) WHERE deleted_at IS NULL;

  -- The value, sealed: AES-256-GCM with its tag behind it, under a key of its own salt.
  CREATE TABLE secret_versions (
    secret_id text COLLATE "C" NOT NULL REFERENCES secrets (id),
    version bigint NOT NULL CHECK (version > 0),
    key_generation bigint NOT NULL,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    nonce bytea NOT NULL CHECK (length(nonce) = 12),
    sealed bytea NOT NULL,
    masked text NOT NULL,
    created_at bigint NOT NULL,
    actor text NOT NULL,
    PRIMARY KEY (secret_id, version)
  );
  CREATE INDEX versions_of_generations ON secret_versions (key_generation);

  -- A stamp is new with each password: sessions that carry another one have ended.
  CREATE TABLE users (
    name text COLLATE "C" PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('admin', 'viewer')),
    password_hash text NOT NULL,
    stamp text NOT NULL,
    created_at bigint NOT NULL,
    last_seen_at bigint
  );

  -- Of the token itself its SHA-256 alone; 256 random bits need no slower one.
  CREATE TABLE api_tokens (
    id text COLLATE "C" PRIMARY KEY,
    label text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'viewer', 'agent')),
    agent_id text COLLATE "C",
    token_hash text COLLATE "C" NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    created_at bigint NOT NULL,
    last_used_at bigint,
    revoked_at bigint,
    CHECK ((role = 'agent') = (agent_id IS NOT NULL))
  );
  CREATE TRIGGER api_tokens_stay_revoked BEFORE UPDATE ON api_tokens FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    EXECUTE FUNCTION refuse('a revoked token stays revoked');

  -- Sessions that were ended before their time; kept until they would have expired by themselves.
  CREATE TABLE revoked_sessions (jti text COLLATE "C" PRIMARY KEY, expires_at bigint NOT NULL);

  -- One row while secrets are locked, none while they are not.
  CREATE TABLE stage_lock (
    id integer PRIMARY KEY CHECK (id = 1),
    password_hash text NOT NULL,
    opens_with text NOT NULL CHECK (opens_with IN ('stage-password', 'account-password')),
    locked_by text NOT NULL,
    locked_at bigint NOT NULL
  );
`
