import type { JsonValue } from '../../shared/errors.ts'
import { AppError } from '../../shared/errors.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { CheckpointRepository } from './repositories.ts'

export const LARGEST_CHECKPOINT_BYTES = 16_000_000

export function createCheckpointRepository({ fast, durable }: OpenDatabase): CheckpointRepository {
  const save = durable.prepare(`
    INSERT INTO checkpoints VALUES (?, ?, ?)
    ON CONFLICT (agent_id) DO UPDATE SET document = excluded.document, saved_at = excluded.saved_at`)
  const load = fast.prepare<[string], { document: string; saved_at: number }>('SELECT document, saved_at FROM checkpoints WHERE agent_id = ?')
  return {
    save: async (agentId, document, at) => {
      const text = JSON.stringify(document)
      const bytes = Buffer.byteLength(text)
      if (bytes > LARGEST_CHECKPOINT_BYTES) {
        throw new AppError(
          'TOO_LARGE',
          `The checkpoint of ${agentId} has ${bytes} bytes; at most ${LARGEST_CHECKPOINT_BYTES} are kept: save less, or save the name of a file that has it.`,
          { bytes, limit: LARGEST_CHECKPOINT_BYTES },
        )
      }
      save.run(agentId, text, at)
      return { bytes }
    },
    load: async (agentId) => {
      const row = load.get(agentId)
      return row ? { document: JSON.parse(row.document) as JsonValue, savedAt: row.saved_at } : null
    },
  }
}
