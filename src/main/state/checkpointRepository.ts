import type { AgentId } from '../../shared/domain/agent.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { AppError } from '../../shared/errors.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { CheckpointRepository, KeptCheckpoint } from './repositories.ts'
import { wiping } from './wiping.ts'

export const LARGEST_CHECKPOINT_BYTES = 16_000_000

interface Row {
  document: string
  sealed: Buffer | null
  saved_at: number
}

export function createCheckpointRepository({ fast, durable }: OpenDatabase): CheckpointRepository {
  const save = durable.prepare(`
    INSERT INTO checkpoints (agent_id, document, sealed, saved_at, is_clean) VALUES (?, ?, ?, ?, 1)
    ON CONFLICT (agent_id) DO UPDATE SET document = excluded.document, saved_at = excluded.saved_at, is_clean = 1, sealed = excluded.sealed`)
  const load = fast.prepare<[string], Row>('SELECT document, sealed, saved_at FROM checkpoints WHERE agent_id = ?')
  const old = fast.prepare('SELECT agent_id FROM checkpoints WHERE is_clean IS NULL').pluck()
  const replace = durable.prepare('UPDATE checkpoints SET document = ?, is_clean = 1, sealed = ? WHERE agent_id = ?')
  return {
    save: async (agentId, kept, at) => {
      save.run(agentId, ...columnsOf(kept), at)
    },
    load: async (agentId) => {
      const row = load.get(agentId)
      if (!row) return null
      return { kept: row.sealed === null ? { document: JSON.parse(row.document) as JsonValue } : { sealed: row.sealed }, savedAt: row.saved_at }
    },
    unlooked: async () => old.all() as AgentId[],
    replace: async (agentId, kept) => {
      wiping(durable, () => replace.run(...columnsOf(kept), agentId))
    },
  }
}

export function columnsOf(kept: KeptCheckpoint): [string, Buffer | null] {
  return 'sealed' in kept ? ['null', kept.sealed] : [JSON.stringify(kept.document), null]
}

/** Gives its size, as the agent's own document has it. */
export function requireFitting(agentId: AgentId, document: JsonValue): number {
  const bytes = Buffer.byteLength(JSON.stringify(document))
  if (bytes <= LARGEST_CHECKPOINT_BYTES) return bytes
  throw new AppError(
    'TOO_LARGE',
    `The checkpoint of ${agentId} has ${bytes} bytes; at most ${LARGEST_CHECKPOINT_BYTES} are kept: save less, or save the name of a file that has it.`,
    { bytes, limit: LARGEST_CHECKPOINT_BYTES },
  )
}
