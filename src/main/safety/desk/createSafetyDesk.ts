import { createHmac } from 'node:crypto'
import type { SafetyStatus } from '../../../shared/contract/safety.ts'
import type { Agent, AgentId } from '../../../shared/domain/agent.ts'
import type { Announcement, Event } from '../../../shared/domain/event.ts'
import { PRIVATE_TYPES } from '../../../shared/domain/privateTypes.ts'
import type { RecordId, SafetyRecord } from '../../../shared/domain/safety.ts'
import { NO_RULES, PrivateType, type Permissions } from '../../../shared/domain/safetyRules.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { AppError } from '../../../shared/errors.ts'
import { preparedKey } from '../../secrets/preparedKey.ts'
import { keepFor } from '../../state/retention.ts'
import { createAllowanceBook } from '../allowances/allowanceBook.ts'
import { createAllowances, parseNotPrivate } from '../allowances/allowances.ts'
import { createNotes, EMPTY_RECORD } from './notes.ts'
import { createOriginalVault } from './originalVault.ts'
import { describeForbidden } from '../permissions/permissions.ts'
import { changedRules, tellRules } from './policy.ts'
import { createRecorder, recorded } from './recorder.ts'
import type { RunningSafetyDesk, SafetyDeskOptions } from './runningSafetyDesk.ts'
import type { Edit, Incident } from './safetyDesk.ts'
import type { Scanner } from '../scan/scanner.ts'
import { tellBlocked, tellHaltReason, tellInjectionRefused, tellKeptOut } from './sentences.ts'
import { stricterOf } from './stricterDesk.ts'
import { createWatch, type Watch } from './watch.ts'

const DAY_MS = 24 * 60 * 60 * 1000
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
  const passingHashKey = Buffer.from(random.hex(32), 'hex')
  const hashKey = (): Buffer => keys.derive('pii-hash') ?? passingHashKey
  const { keepOriginalsMs = () => 30 * DAY_MS } = options
  const vault = createOriginalVault(state.originals, keys, () => keepOriginalsMs() > 0)
  const announce = (announcement: Announcement): Promise<unknown> => bus.announce(announcement)
  const recorder = createRecorder({ originals: state.originals, clock, announce, onDefect, onFailure })
  const counts = await state.safetyAudit.counts()

  const freshId = (): RecordId => `find-${random.hex(8)}`
  const hashOf = (value: string): string => createHmac('sha256', preparedKey(hashKey())).update(value).digest('hex')
  const notes = createNotes({ recorder, vault, clock, freshId, hashOf, onDefect })

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

  async function announceRules(own: Watch): Promise<void> {
    const message = `The safety rules of ${own.name} are others now: ${tellRules(own.override)}.`
    await bus.announce({ name: 'safety.rulesChanged', agentId: own.agentId, severity: 'INFO', message, payload: { rules: own.effective } })
  }

  const store = async (record: SafetyRecord, message: string): Promise<void> => {
    await bus.announce(recorded(record.agentId, record.action, message, [record]))
  }

  function policyRecord(type: 'rules' | 'allowance' | 'audit', agentId: AgentId | null, actor: string | null, preview: string): SafetyRecord {
    return { ...EMPTY_RECORD, id: freshId(), at: clock.now(), kind: 'policy', agentId, type, severity: 'WARN', action: 'changed', actor, preview }
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
  const forgetBefore = (moment: Millis): Promise<number> => state.originals.forgetBefore(moment)
  const retention = keepFor({ forgetBefore, keptMs: keepOriginalsMs, clock, onDefect, what: 'retention of originals' })
  async function tellOfUnsealed(): Promise<void> {
    const unsealed = await state.safetyAudit.unsealed()
    if (!unsealed) return
    const reason = `Records ${unsealed.from} to ${unsealed.to} were written without a master key; with this one they come under its seal.`
    await store({ ...policyRecord('audit', null, null, ''), reason }, `${reason} Whether they were changed before, the seal cannot tell.`)
  }
  await tellOfUnsealed()

  const inTurn = oneAfterTheOther()
  return {
    scannerFor: (agentId, atLeast) => (atLeast === undefined ? watchOf(agentId).scanner() : watchOf(agentId).strictScanner()),
    permissionsOf: (agentId) => watches.get(agentId)?.plan?.permissions ?? NOTHING,

    judge(sighting) {
      const own = watchOf(sighting.agentId)
      const edits: Edit[] = []
      let blocked: string | null = null
      const blockedTypes: PrivateType[] = []
      for (const match of sighting.matches) {
        const { type, start, end } = match
        const ruled = own.effective.cells[type][sighting.direction]
        const mode = stricterOf(ruled, sighting.atLeast)
        if (mode === 'off') continue
        if (mode === 'redact') edits.push({ start, end, replacement: PRIVATE_TYPES[type].marker })
        if (mode === 'block') {
          blocked ??= ruled === 'block' ? tellBlocked(type, sighting.direction) : tellKeptOut(type, sighting.direction)
          if (!blockedTypes.includes(type)) blockedTypes.push(type)
          if (ruled === 'block') haltOnce(own, tellHaltReason(type, sighting.direction))
        }
        try {
          notes.match(own, sighting, match, mode === 'block' && ruled !== 'block' ? 'refused' : ACTIONS[mode])
        } catch (problem) {
          // What was decided holds, whatever becomes of its record.
          onFailure(problem)
        }
      }
      return blocked === null ? { edits, blocked } : { edits, blocked, blockedTypes }
    },

    report(incident) {
      const own = watchOf(incident.agentId)
      const mode = own.effective[incident.kind]
      const { kind, type, direction } = incident
      if (mode === 'block') haltOnce(own, tellIncidentReason(incident))
      const excerpt = notes.incident(own, incident, INCIDENT_ACTIONS[mode])
      if (mode === 'warn') return null
      if (kind === 'injection') return tellInjectionRefused(type, direction)
      return describeForbidden(own.plan?.permissions ?? NOTHING, type as 'model', excerpt)
    },

    list: () => [...watches.values()].map(statusOf),
    status: (agentId) => statusOf(known(agentId)),
    roomRules: () => room,

    setRules: inTurn(async (agentId, change, actor) => {
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
    }),

    allowances: book,
    addAllowance: inTurn(async (allowance, about) => {
      const { agentId, kind, actor } = allowance
      if (agentId !== null) known(agentId)
      const what = `${WHAT[kind]} is not private any more${about === null ? '' : ', as a finding has shown'}`
      const record = { ...policyRecord('allowance', agentId, actor, what), about }
      await store(record, `${WHAT[kind]} was named as not private by ${actor}.`)
      await state.safetySettings.saveAllowance(allowance)
      book.put(allowance)
      renewAllowances(agentId)
    }),
    removeAllowance: inTurn(async (id, actor) => {
      const allowance = book.get(id)
      if (!allowance) return false
      const { agentId, kind } = allowance
      await store(policyRecord('allowance', agentId, actor, `${WHAT[kind]} is private again`), `${WHAT[kind]} was named as private again by ${actor}.`)
      const wasThere = await state.safetySettings.deleteAllowance(id)
      book.delete(id)
      renewAllowances(agentId)
      return wasThere
    }),

    lookAgain: inTurn(async () => {
      const [rules, allowances] = [await state.safetySettings.rules(), await state.safetySettings.allowances()]
      said.clear()
      for (const one of rules) said.set(one.agentId, one.rules)
      room = said.get(null) ?? NO_RULES
      for (const own of watches.values()) own.override = said.get(own.agentId) ?? NO_RULES
      book.replace(allowances)
      renewAllowances(null)
    }),
    keysOpened: tellOfUnsealed,
    retentionChanged: () => retention.lookAgain(),
    secretsChanged: (agentId) => watches.get(agentId)?.renew(room),
    fullScanner: () => (full ??= watchOf('').keeper()),
    checkScanner(agentId, mayKnowSecrets) {
      if (agentId !== null) return mayKnowSecrets ? known(agentId).scanner() : known(agentId).scannerWithoutSecrets()
      return createScanner({ types: new Set(PrivateType.options), secrets: mayKnowSecrets ? secretsOf('') : [], isNotPrivate: createAllowances(book.of(null)) })
    },
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

/** Two changes at once: the second one starts from what the first one has left. */
function oneAfterTheOther(): <A extends unknown[], R>(action: (...args: A) => Promise<R>) => (...args: A) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve()
  return (action) =>
    (...args) => {
      const turn = last.then(() => action(...args))
      last = turn.catch(() => undefined)
      return turn
    }
}

function tellIncidentReason({ kind, type }: Incident): string {
  if (kind === 'injection') return `Something that reads like orders to the model was found (rule ${type}), and its safety rules say "block".`
  return `It asked for a ${type} that it is not allowed, and its safety rules say "block".`
}
