import type { AgentId } from '../../shared/domain/agent.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { SafetyDesk } from '../safety/desk/safetyDesk.ts'
import { createJsonCheck } from '../safety/json/jsonCheck.ts'
import type { SinkRedactor } from '../safety/sinkRedactor.ts'
import { EnvelopeError, open, seal } from '../secrets/envelope.ts'
import { requireFitting } from '../state/checkpointRepository.ts'
import type { CheckpointRepository, KeptCheckpoint } from '../state/repositories.ts'

/** Keeps what agents want to have back. On disk stands nothing that is private, or stands sealed. */
export interface CheckpointKeeper {
  /** `isRedacted`: without a master key, what the rules would have let through was taken out all the same. */
  save(agentId: AgentId, document: JsonValue, at: Millis): Promise<{ bytes: number; isRedacted: boolean }>
  load(agentId: AgentId): Promise<{ document: JsonValue; savedAt: Millis } | null>
  /** The same for everybody but the agent itself: without what is private. */
  show(agentId: AgentId): Promise<{ document: JsonValue; savedAt: Millis } | null>
  /** What an earlier version stored in the clear is redacted, or sealed. */
  cleanOld(): Promise<void>
}

export interface CheckpointKeeperOptions {
  readonly checkpoints: CheckpointRepository
  readonly desk: Pick<SafetyDesk, 'scannerFor' | 'judge'>
  readonly sink: Pick<SinkRedactor, 'scanner'>
  /** Null where there is no master key; one may come while the room runs. */
  readonly key: () => Buffer | null
}

export function createCheckpointKeeper({ checkpoints, desk, sink, key }: CheckpointKeeperOptions): CheckpointKeeper {
  const check = createJsonCheck({ desk, sink })
  /** One after the other for each agent: a small document must not be overtaken by a large one from before. */
  const turns = new Map<AgentId, Promise<unknown>>()

  function inTurn<T>(agentId: AgentId, action: () => Promise<T>): Promise<T> {
    const result = (turns.get(agentId) ?? Promise.resolve()).then(action)
    const settled = result.catch(() => undefined).finally(() => {
      if (turns.get(agentId) === settled) turns.delete(agentId)
    })
    turns.set(agentId, settled)
    return result
  }

  /** The document as the agent's rules let it pass. */
  async function judged(agentId: AgentId, document: JsonValue): Promise<JsonValue> {
    const { value, blocked } = await check.judge(agentId, 'checkpoint', document)
    if (blocked !== null) throw new AppError('FORBIDDEN', blocked)
    return value
  }

  async function load(agentId: AgentId): Promise<{ document: JsonValue; savedAt: Millis } | null> {
    const found = await checkpoints.load(agentId)
    if (!found) return null
    const { kept, savedAt } = found
    return { document: 'document' in kept ? kept.document : unsealed(key(), agentId, kept.sealed), savedAt }
  }

  async function keep(agentId: AgentId, document: JsonValue): Promise<{ kept: KeptCheckpoint; isRedacted: boolean }> {
    const clean = await check.clean(document)
    if (clean === document) return { kept: { document }, isRedacted: false }
    const own = key()
    if (own === null) return { kept: { document: clean }, isRedacted: true }
    return { kept: { sealed: seal(own, JSON.stringify(document), contextOf(agentId)) }, isRedacted: false }
  }

  return {
    save: (agentId, document, at) =>
      inTurn(agentId, async () => {
        requireFitting(agentId, document)
        const passed = await judged(agentId, document)
        const { kept, isRedacted } = await keep(agentId, passed)
        await checkpoints.save(agentId, kept, at)
        return { bytes: requireFitting(agentId, 'document' in kept ? kept.document : passed), isRedacted }
      }),
    load,
    async show(agentId) {
      const found = await load(agentId)
      return found && { ...found, document: await check.clean(found.document) }
    },
    async cleanOld() {
      for (const agentId of await checkpoints.unlooked()) {
        const found = await checkpoints.load(agentId)
        if (found && 'document' in found.kept) await checkpoints.replace(agentId, (await keep(agentId, found.kept.document)).kept)
      }
    },
  }
}

function contextOf(agentId: AgentId): string {
  return `checkpoints:${agentId}`
}

function unsealed(key: Buffer | null, agentId: AgentId, sealed: Buffer): JsonValue {
  if (key === null) {
    throw new AppError('UNAVAILABLE', `The checkpoint of ${agentId} is sealed, and the master key is not there: open the control room with the key that it was saved with.`)
  }
  try {
    return JSON.parse(open(key, sealed, contextOf(agentId)).toString('utf8')) as JsonValue
  } catch (problem) {
    if (problem instanceof EnvelopeError) throw new AppError('UNAVAILABLE', `The checkpoint of ${agentId} cannot be read. ${problem.message}`)
    throw problem
  }
}
