import { createHmac } from 'node:crypto'
import type { SafetyStatus } from '../../shared/contract/safety.ts'
import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'
import type { Allowance, RecordId, SafetyRecord } from '../../shared/domain/safety.ts'
import { NO_RULES, type Permissions, type SafetyRules } from '../../shared/domain/safetyRules.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import { addToCounts } from '../audit/safetyCounts.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock, Random } from '../ports.ts'
import type { Keys } from '../secrets/keys.ts'
import type { State } from '../state/repositories.ts'
import { createAllowanceBook, type AllowanceBook } from './allowanceBook.ts'
import { createAllowances, parseNotPrivate } from './allowances.ts'
import { keepOriginalsFor } from './keepOriginals.ts'
import { createOriginalVault, type OriginalVault } from './originalVault.ts'
import { describeForbidden } from './permissions.ts'
import { changedRules, tellRules } from './policy.ts'
import { previewOf, safeExcerpt } from './preview.ts'
import { createRecorder, recorded } from './recorder.ts'
import type { Edit, Incident, SafetyDesk, Sighting } from './safetyDesk.ts'
import type { Match, Scanner } from './scanner.ts'
import { tellBlocked, tellHaltReason, tellInjectionRefused } from './sentences.ts'
import type { ScannerOptions } from './sinkRedactor.ts'
import { createWatch, type Watch } from './watch.ts'

/** Every agent's safety. */
export interface RunningSafetyDesk extends SafetyDesk {
  list(): SafetyStatus[]
  /** Throws AGENT_NOT_FOUND. */
  status(agentId: AgentId): SafetyStatus
  roomRules(): SafetyRules
  /** Null is the whole room. A part that is left out stays as it is. */
  setRules(agentId: AgentId | null, change: Partial<SafetyRules>, actor: string): Promise<SafetyRules>
  readonly allowances: Pick<AllowanceBook, 'list' | 'get'>
  addAllowance(allowance: Allowance, about: RecordId | null): Promise<void>
  /** False when there was none. */
  removeAllowance(id: string, actor: string): Promise<boolean>
  /** What is known of an agent's secrets changed. */
  secretsChanged(agentId: AgentId): void
  /** What looks for everything, without any agent. */
  fullScanner(): Scanner
  readonly originals: OriginalVault
  hashOf(value: string): string
  freshId(): RecordId
  /** Resolves when it stands in the audit; rejects when it does not. */
  record(record: SafetyRecord, message: string): Promise<void>
  /** What was found so far stands in the audit, or could not be written down. */
  settled(): Promise<void>
  close(): Promise<void>
}

export interface SafetyDeskOptions {
  readonly state: Pick<State, 'agents' | 'safetyAudit' | 'originals' | 'safetySettings'>
  readonly bus: EventBus
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  /** Ends an agent's run. */
  readonly halt: (agentId: AgentId, reason: string) => Promise<unknown>
  /** Values that are secret for an agent, as things stand. */
  readonly secretsOf: (agentId: AgentId) => readonly string[]
  readonly createScanner: (options: ScannerOptions) => Scanner
  readonly keepOriginalsMs?: Millis
  /** What was named as not private is something else now. */
  readonly onAllowances?: () => void
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** What was found can no longer be written down. */
  readonly onFailure: (problem: unknown) => void
}

const DAY_MS = 24 * 60 * 60 * 1000
const LONGEST_EXCERPT = 200
const LONGEST_PLACE = 200
const LONGEST_TYPE = 60
/** Whose file nobody knows may do nothing. */
const NOTHING: Permissions = { models: [], tools: [], hosts: [], paths: [] }

/** Opens the safety of the agents that there are. */
export async function createSafetyDesk(options: SafetyDeskOptions): Promise<RunningSafetyDesk> {
  const { state, bus, clock, random, keys, halt, secretsOf, createScanner, onDefect, onFailure } = options
  const watches = new Map<AgentId, Watch>()
  const book = createAllowanceBook(await state.safetySettings.allowances())
  const said = new Map((await state.safetySettings.rules()).map(({ agentId, rules }) => [agentId, rules]))
  let room = said.get(null) ?? NO_RULES
  let full: Scanner | null = null
  // Without a master key hashes can be compared for as long as this room lives.
  const hashKey = keys.derive('pii-hash') ?? Buffer.from(random.hex(32), 'hex')
  const vault = createOriginalVault(state.originals, keys)
  const announce = (announcement: Announcement): Promise<unknown> => bus.announce(announcement)
  const recorder = createRecorder({ originals: state.originals, announce, onDefect, onFailure })
  const counts = await state.safetyAudit.counts()
  const places = new WeakMap<Scanner, { readonly place: string; readonly safe: string }>()

  const freshId = (): RecordId => `find-${random.hex(8)}`
  const hashOf = (value: string): string => createHmac('sha256', hashKey).update(value).digest('hex')

  function watch(agentId: AgentId, known?: Agent): Watch {
    const plan = known?.plan.safety ?? null
    return createWatch({
      agentId,
      name: known?.plan.name ?? agentId,
      plan,
      override: said.get(agentId),
      room,
      counts: counts.get(agentId),
      createScanner,
      secrets: () => secretsOf(agentId),
      isNotPrivate: () => createAllowances([...(plan?.notPrivate ?? []).map(parseNotPrivate), ...book.of(agentId)]),
    })
  }

  /** Of an agent that nobody knows everything is private. */
  const watchOf = (agentId: AgentId): Watch => watches.get(agentId) ?? watch(agentId)

  function known(agentId: AgentId): Watch {
    const found = watches.get(agentId)
    if (!found) throw new AppError('AGENT_NOT_FOUND', `There is no agent ${agentId}.`)
    return found
  }

  function hear(events: readonly Event[]): void {
    for (const event of events) {
      if (event.name === 'agent.removed' && event.agentId !== null) {
        watches.delete(event.agentId)
        said.delete(event.agentId)
        book.forgetAgent(event.agentId)
      }
      if (event.name !== 'agent.changed') continue
      const { agent } = event.payload
      const own = watches.get(agent.id)
      if (!own) watches.set(agent.id, watch(agent.id, agent))
      else if (agent.status === 'starting') own.isHalted = false
    }
  }

  function haltOnce(own: Watch, reason: string): void {
    if (own.isHalted) return
    own.isHalted = true
    halt(own.agentId, reason).catch((problem: unknown) => {
      // The next finding tries again.
      own.isHalted = false
      onDefect(problem, `halting ${own.agentId}`)
    })
  }

  function note(own: Watch, record: SafetyRecord, original: () => Buffer | null): void {
    own.counts = addToCounts(own.counts, record, 1)
    if (recorder.isFlooded()) return recorder.count(record)
    const sealed = original()
    recorder.note({ ...record, hasOriginal: sealed !== null }, sealed)
  }

  /** Where a text cannot be made fit to be kept the record is written without it. */
  function shown(make: () => string): string {
    try {
      return make()
    } catch (problem) {
      onDefect(problem, 'the preview of a finding')
      return ''
    }
  }

  const excerptOf = (own: Watch, text: string, longest: number): string => shown(() => safeExcerpt(own.keeper(), text, longest))
  /** A place is made of names that the agent chose. */
  function safePlace(own: Watch, place: string): string {
    const keeper = own.keeper()
    // One text has many findings.
    const last = places.get(keeper)
    if (last?.place === place) return last.safe
    const safe = excerptOf(own, place, LONGEST_PLACE)
    places.set(keeper, { place, safe })
    return safe
  }

  function noteMatch(own: Watch, sighting: Sighting, match: Match, action: SafetyRecord['action']): void {
    const { agentId, callId, direction, text, base } = sighting
    const { type, value } = match
    const id = freshId()
    const isFlood = recorder.isFlooded()
    const record: SafetyRecord = {
      ...EMPTY,
      id,
      at: clock.now(),
      kind: 'private',
      agentId,
      callId,
      type,
      severity: PRIVATE_TYPES[type].severity,
      direction,
      place: safePlace(own, sighting.place),
      action,
      valueHash: isFlood ? '' : hashOf(value),
      preview: isFlood ? '' : shown(() => previewOf(own.keeper(), text, base, match)),
    }
    const raw = text.slice(Math.max(0, match.start - base), Math.max(0, match.end - base))
    note(own, record, () => vault.seal(id, { text: raw === '' ? value : raw, value }))
  }

  async function announceRules(own: Watch): Promise<void> {
    const message = `The safety rules of ${own.name} are others now: ${tellRules(own.override)}.`
    await bus.announce({ name: 'safety.rulesChanged', agentId: own.agentId, severity: 'INFO', message, payload: { rules: own.effective } })
  }

  const store = async (record: SafetyRecord, message: string): Promise<void> => {
    await bus.announce(recorded(record.agentId, record.action, message, [record]))
  }

  function policyRecord(type: 'rules' | 'allowance' | 'audit', agentId: AgentId | null, actor: string | null, preview: string): SafetyRecord {
    return { ...EMPTY, id: freshId(), at: clock.now(), kind: 'policy', agentId, type, severity: 'WARN', action: 'changed', actor, preview }
  }

  function renew(agentId: AgentId | null): void {
    for (const own of watches.values()) if (agentId === null || own.agentId === agentId) own.renew(room)
  }

  function renewAllowances(agentId: AgentId | null): void {
    renew(agentId)
    options.onAllowances?.()
  }

  const statusOf = ({ agentId, effective, override, counts: counted }: Watch): SafetyStatus => ({ agentId, rules: effective, override, counts: counted })

  for (const agent of await state.agents.all()) watches.set(agent.id, watch(agent.id, agent))
  const stopListening = bus.listen(hear)
  const retention = keepOriginalsFor(options.keepOriginalsMs ?? 30 * DAY_MS, { originals: state.originals, clock, onDefect })
  const unsealed = await state.safetyAudit.unsealed()
  if (unsealed) {
    const reason = `Records ${unsealed.from} to ${unsealed.to} were written without a master key; with this one they come under its seal.`
    await store({ ...policyRecord('audit', null, null, ''), reason }, `${reason} Whether they were changed before, the seal cannot tell.`)
  }

  return {
    scannerFor: (agentId) => watchOf(agentId).scanner(),
    permissionsOf: (agentId) => watches.get(agentId)?.plan?.permissions ?? NOTHING,

    judge(sighting) {
      const own = watchOf(sighting.agentId)
      const edits: Edit[] = []
      let blocked: string | null = null
      for (const match of sighting.matches) {
        const { type, start, end } = match
        const mode = own.effective.cells[type][sighting.direction]
        if (mode === 'off') continue
        if (mode === 'redact') edits.push({ start, end, replacement: PRIVATE_TYPES[type].marker })
        if (mode === 'block') {
          blocked ??= tellBlocked(type, sighting.direction)
          haltOnce(own, tellHaltReason(type, sighting.direction))
        }
        try {
          noteMatch(own, sighting, match, ACTIONS[mode])
        } catch (problem) {
          // What was decided holds, whatever becomes of its record.
          onFailure(problem)
        }
      }
      return { edits, blocked }
    },

    report(incident) {
      const own = watchOf(incident.agentId)
      const mode = own.effective[incident.kind]
      const { agentId, callId, kind, type, direction } = incident
      const excerpt = excerptOf(own, incident.excerpt, LONGEST_EXCERPT)
      if (mode === 'block') haltOnce(own, tellIncidentReason(incident))
      note(
        own,
        {
          ...EMPTY,
          id: freshId(),
          at: clock.now(),
          kind,
          agentId,
          callId,
          type: excerptOf(own, type, LONGEST_TYPE),
          severity: kind === 'unauthorised' ? 'CRITICAL' : 'WARN',
          direction,
          place: safePlace(own, incident.place),
          action: INCIDENT_ACTIONS[mode],
          preview: excerpt,
        },
        () => null,
      )
      if (mode === 'warn') return null
      if (kind === 'injection') return tellInjectionRefused(type, direction)
      return describeForbidden(own.plan?.permissions ?? NOTHING, type as 'model', excerpt)
    },

    list: () => [...watches.values()].map(statusOf),
    status: (agentId) => statusOf(known(agentId)),
    roomRules: () => room,

    async setRules(agentId, change, actor) {
      const own = agentId === null ? null : known(agentId)
      const rules = changedRules(own?.override ?? room, change)
      const whose = own?.name ?? 'the whole room'
      // A change that cannot be written down is none.
      await store(policyRecord('rules', agentId, actor, tellRules(rules)), `The safety rules of ${whose} were changed by ${actor}: ${tellRules(rules)}.`)
      await state.safetySettings.saveRules(agentId, rules)
      said.set(agentId, rules)
      const before = new Map([...watches.values()].map((one) => [one, JSON.stringify(one.effective)]))
      if (own) own.override = rules
      else room = rules
      renew(agentId)
      const concerned = [...watches.values()].filter((one) => one === own || before.get(one) !== JSON.stringify(one.effective))
      await Promise.all(concerned.map(announceRules))
      return rules
    },

    allowances: book,
    async addAllowance(allowance, about) {
      const { agentId, kind, actor } = allowance
      if (agentId !== null) known(agentId)
      const what = `${WHAT[kind]} is not private any more${about === null ? '' : ', as a finding has shown'}`
      const record = { ...policyRecord('allowance', agentId, actor, what), about }
      await store(record, `${WHAT[kind]} was named as not private by ${actor}.`)
      await state.safetySettings.saveAllowance(allowance)
      book.put(allowance)
      renewAllowances(agentId)
    },
    async removeAllowance(id, actor) {
      const allowance = book.get(id)
      if (!allowance) return false
      const { agentId, kind } = allowance
      await store(policyRecord('allowance', agentId, actor, `${WHAT[kind]} is private again`), `${WHAT[kind]} was named as private again by ${actor}.`)
      const wasThere = await state.safetySettings.deleteAllowance(id)
      book.delete(id)
      renewAllowances(agentId)
      return wasThere
    },

    secretsChanged: (agentId) => watches.get(agentId)?.renew(room),
    fullScanner: () => (full ??= watchOf('').keeper()),
    originals: vault,
    hashOf,
    freshId,
    record: store,
    settled: () => recorder.settled(),

    async close() {
      stopListening()
      retention.stop()
      await recorder.settled()
    },
  }
}

const ACTIONS = { redact: 'redacted', block: 'blocked', warn: 'warned' } as const
const INCIDENT_ACTIONS = { warn: 'warned', refuse: 'refused', block: 'blocked' } as const
const WHAT = { value: 'A value', domain: 'A domain', pattern: 'A pattern' } as const

const EMPTY = {
  callId: null,
  direction: null,
  place: '',
  valueHash: '',
  preview: '',
  hasOriginal: false,
  about: null,
  actor: null,
  reason: null,
} as const

function tellIncidentReason({ kind, type }: Incident): string {
  if (kind === 'injection') return `Something that reads like orders to the model was found (rule ${type}), and its safety rules say "block".`
  return `It asked for a ${type} that it is not allowed, and its safety rules say "block".`
}
