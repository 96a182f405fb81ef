import type { AgentId } from '../../shared/domain/agent.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import { namesSecret, scanNamed } from '../safety/json/namedValue.ts'
import { redactJson } from '../safety/json/redactJson.ts'
import type { Match, Scanner } from '../safety/scan/scanner.ts'
import type { SafetyDesk } from '../safety/desk/safetyDesk.ts'
import { othersTurn, scanInSlices } from '../safety/scan/scanInSlices.ts'
import { withMarkers, type SinkRedactor } from '../safety/sinkRedactor.ts'
import { withEdits } from '../safety/scan/withEdits.ts'
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

/** After so many characters in short strings others have their turn. */
const LOT_CHARACTERS = 128 * 1024
const PLAIN_NAME = /^[A-Za-z_$][\w$-]{0,59}$/

export function createCheckpointKeeper({ checkpoints, desk, sink, key }: CheckpointKeeperOptions): CheckpointKeeper {
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
    const scanner = desk.scannerFor(agentId)
    return replaced(document, async ({ text, place, name }) => {
      const matches = await found(scanner, text, name)
      if (matches.length === 0) return text
      const told = withMarkers(place, sink.scanner().scan(place))
      const { edits, blocked } = desk.judge({ agentId, callId: null, direction: 'tools', place: told, text, base: 0, matches })
      if (blocked !== null) throw new AppError('FORBIDDEN', blocked)
      return withEdits(text, edits)
    })
  }

  const cleaned = (document: JsonValue): Promise<JsonValue> =>
    replaced(document, async ({ text, name }) => withMarkers(text, await found(sink.scanner(), text, name)))

  async function load(agentId: AgentId): Promise<{ document: JsonValue; savedAt: Millis } | null> {
    const found = await checkpoints.load(agentId)
    if (!found) return null
    const { kept, savedAt } = found
    return { document: 'document' in kept ? kept.document : unsealed(key(), agentId, kept.sealed), savedAt }
  }

  async function keep(agentId: AgentId, document: JsonValue): Promise<{ kept: KeptCheckpoint; isRedacted: boolean }> {
    const clean = await cleaned(document)
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
      return found && { ...found, document: await cleaned(found.document) }
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

/** The same document with its strings and names replaced, each different one once; the very same object where nothing was. */
async function replaced(document: JsonValue, replace: (one: Collected) => Promise<string>): Promise<JsonValue> {
  const all = new Map<string, Collected>()
  collect(document, 'checkpoint', all)
  const changed = new Map<string, string>()
  let looked = 0
  for (const [known, one] of all) {
    const replacement = await replace(one)
    if (replacement !== one.text) changed.set(known, replacement)
    looked += one.text.length + 16
    if (looked > LOT_CHARACTERS) {
      looked = 0
      await othersTurn()
    }
  }
  return changed.size === 0 ? document : redactJson(document, (text, name) => changed.get(knownAs(text, name)) ?? text)
}

/** A string or a name, the first place where it stands, and the name that may say what it is. */
interface Collected {
  readonly text: string
  readonly place: string
  readonly name: string | undefined
}

/** The same text is another one behind a name that makes it private. */
function knownAs(text: string, name: string | undefined): string {
  return namesSecret(name) ? `${name}\n${text}` : `\n${text}`
}

async function found(scanner: Scanner, text: string, name: string | undefined): Promise<readonly Match[]> {
  const alone = await scanInSlices(scanner, text)
  return alone.length === 0 && namesSecret(name) ? scanNamed(scanner, name, text) : alone
}

function collect(value: JsonValue, place: string, all: Map<string, Collected>, name?: string): void {
  if (typeof value === 'string') {
    const known = knownAs(value, name)
    if (!all.has(known)) all.set(known, { text: value, place, name })
  } else if (Array.isArray(value)) {
    value.forEach((member, index) => collect(member, `${place}[${index}]`, all))
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (!all.has(knownAs(key, undefined))) all.set(knownAs(key, undefined), { text: key, place, name: undefined })
      collect(member, `${place}.${PLAIN_NAME.test(key) ? key : '*'}`, all, key)
    }
  }
}
