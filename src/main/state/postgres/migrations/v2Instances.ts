/** Several control rooms on one database: each agent and each reservation belongs to the one that it came from. */
export const instances = `
  -- ends_at: until then it lives, by the server's clock. claimed_until: somebody settles what it left behind, until then.
  CREATE TABLE instances (
    id text COLLATE "C" PRIMARY KEY,
    ends_at bigint NOT NULL,
    claimed_until bigint NOT NULL DEFAULT 0,
    is_settled integer NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1))
  );
  -- What tells those that share this database from others on the same Redis server.
  CREATE TABLE sharing (id integer PRIMARY KEY CHECK (id = 1), name text COLLATE "C" NOT NULL);
  INSERT INTO sharing VALUES (1, gen_random_uuid()::text);
  -- Null: from before there were several.
  ALTER TABLE agents ADD COLUMN instance text COLLATE "C";
  ALTER TABLE ledger ADD COLUMN instance text COLLATE "C";
`
