import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LaunchRequest } from '../../shared/contract/agents.ts'
import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import { isAlive, isSettled } from '../../shared/domain/agentStatus.ts'
import type { Demo, DemoRun, DemoSpeed, TriggerId } from '../../shared/domain/demo.ts'
import { isRefusalExit } from '../../shared/domain/refusalExits.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { Millis, Nanodollars } from '../../shared/domain/units.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import { createPacer } from '../budget/pacer.ts'
import type { PriceTable } from '../budget/prices.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock, Timer } from '../ports.ts'
import type { TokenCounter } from '../tokens/tokenCounter.ts'
import { createTurns } from '../turns.ts'
import { readDemoFile, type DemoFile } from './demoFile.ts'
import { KEY_NAME, type DemoKey } from './demoKey.ts'
import { launchOfDemo } from './demoLaunch.ts'
import { openDemoServices } from './demoServices.ts'
import type { DemoEngines } from './engine/createDemoEngine.ts'
import { profileOf } from './inventedFacts.ts'
import { readLeads, type Lead } from './leads.ts'
import { createPace, type Pace } from './pace.ts'
import { createRunFile } from './runFile.ts'
import { createTriggers, TRIGGER_IDS, type TriggerMarks, type Triggers } from './triggers.ts'
import type { Bill } from './world/modelService.ts'
import type { World } from './world/world.ts'

/** Puts the demo on: its services, its key, its agent, and what happens at which lead. All that it starts goes the usual ways. */
export interface Director {
  view(): Demo
  start(speed: DemoSpeed): Promise<void>
  pace(change: Parameters<Pace['change']>[0]): void
  change(id: TriggerId, change: { readonly lead?: number; readonly isOn?: boolean }): void
  fire(id: TriggerId): Promise<void>
  goOn(): Promise<void>
  reset(): Promise<void>
  turn(agentId: AgentId, lead: number): ReturnType<Pace['turn']>
  /** Something of what `view` tells has changed elsewhere. */
  changed(): void
  /** Told of each change, at most four times a second. */
  follow(listener: () => void): () => void
  close(): Promise<void>
}

export interface DirectorOptions {
  /** Of the demo, in the data folder. */
  readonly folder: string
  /** What comes with the room. */
  readonly shippedFolder: string
  readonly clock: Clock
  readonly bus: EventBus
  readonly key: DemoKey
  readonly engine: DemoEngines
  readonly prices: Pick<PriceTable, 'find' | 'ceiling'>
  readonly tokens: TokenCounter
  readonly agents: {
    start(request: LaunchRequest): Promise<Agent>
    restart(agentId: AgentId): Promise<unknown>
    stop(agentId: AgentId): Promise<unknown>
    remove(agentId: AgentId): Promise<unknown>
    /** Null where it is not there any more. */
    find(agentId: AgentId): Agent | null
  }
  readonly spentOf: (agentId: AgentId) => Nanodollars
  /** What LinkedIn has answered earlier. */
  readonly keepAnswer: (agentId: AgentId, answer: { readonly service: string; readonly endpoint: string; readonly key: JsonValue; readonly value: JsonValue; readonly ageMs: Millis }) => void
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000
const TELL_APART_MS = 250
/** One of those who are asked about once LinkedIn has stopped. */
const NOT_KEPT = 78

interface Run {
  readonly agentId: AgentId
  readonly pace: Pace
  file: DemoFile
  readonly bill: Bill
  lead: number
  world: World | null
}

export async function createDirector(options: DirectorOptions): Promise<Director> {
  const { folder, shippedFolder, clock, bus, key, engine, prices, tokens, agents, spentOf, keepAnswer, onDefect } = options
  const runFile = createRunFile(folder)
  const inTurn = createTurns<'demo'>()
  const listeners = new Set<() => void>()
  const pacer = createPacer(clock, TELL_APART_MS, () => {
    for (const listener of listeners) listener()
  })
  const tell = (): void => pacer.request()
  /** One that cannot be read is told of where a run begins or goes on; it keeps neither the room from opening nor a run from being put away. */
  const fileOrShipped = (): Promise<DemoFile> => readDemoFile(folder, shippedFolder).catch(() => readDemoFile(shippedFolder, shippedFolder))
  let triggers: Triggers = createTriggers(marksOf(await fileOrShipped()), tell)
  let run: Run | null = null
  let rotation: Timer | null = null
  /** At which it became the presenter's turn: that is where it came, however long the presenter took. */
  let rotationDueAt: number | null = null

  const background = (what: string, action: Promise<unknown>): void => void action.catch((defect: unknown) => onDefect(defect, what))

  function keep(): void {
    if (run === null || run.world === null) return
    const { agentId, lead, pace, world } = run
    background('keeping the demo’s place', runFile.write({ agentId, secretId: key.id, port: world.port, speed: pace.speed, lead, marks: triggers.marks() }))
  }

  function phaseOf({ agentId, pace, lead }: Run): DemoRun['phase'] {
    const agent = agents.find(agentId)
    if (agent === null) return 'over'
    if (agent.status === 'running') return pace.isHeld ? 'paused' : 'running'
    if (isAlive(agent.status) || agent.status === 'restarting') return 'starting'
    if (agent.status === 'over-budget' || agent.status === 'blocked' || agent.exit?.code === 0 || isRefusalExit(agent.exit?.code ?? null)) return 'over'
    return lead > 0 || agent.status === 'crashed' ? 'interrupted' : 'over'
  }

  function marksOf({ triggers: said }: DemoFile): TriggerMarks {
    return Object.fromEntries(TRIGGER_IDS.map((id) => [id, { lead: said[id].lead, isOn: said[id].on, firedAtLead: null }])) as TriggerMarks
  }

  function forgetRotation(): void {
    rotation?.cancel()
    rotation = null
  }

  async function rotateNow(): Promise<void> {
    forgetRotation()
    try {
      await key.rotate()
    } catch (problem) {
      triggers.miss('rotation', problem instanceof AppError ? problem.message : `The key was not rotated: ${String(problem)}`)
      if (!(problem instanceof AppError)) throw problem
    }
  }

  /** The lead may begin: what is to happen at it is made to. */
  async function begun(current: Run, lead: number): Promise<void> {
    current.lead = lead
    if (triggers.isDueAt('rotation', lead) && triggers.of('rotation').state === 'waiting') {
      const afterMs = (current.file.rotate_after * 1_000) / current.pace.factor()
      if (afterMs < 1) await rotateNow()
      else {
        rotationDueAt = lead
        triggers.setDue('rotation', clock.now() + afterMs, `Give ${KEY_NAME} another value in Secrets; it gets one by itself otherwise.`)
        rotation = clock.after(Math.round(afterMs), () => background('rotating the demo’s key', rotateNow()))
      }
    }
    keep()
    tell()
  }

  function openServices(leads: readonly Lead[], { file, pace, bill }: Pick<Run, 'file' | 'pace' | 'bill'>, port: number): Promise<World> {
    return openDemoServices({ leads, file, pace, bill, port, triggers, onFired: keep, key, prices, tokens, clock, onDefect })
  }

  function keepAnswers(agentId: AgentId, leads: readonly Lead[], seed: number): void {
    for (const lead of leads) {
      const { name, company, number } = lead
      if (number !== NOT_KEPT) keepAnswer(agentId, { service: 'linkedin', endpoint: '', key: { name, company }, value: profileOf(lead, seed), ageMs: WEEK_MS })
    }
  }

  async function putOn(speed: DemoSpeed): Promise<void> {
    if (run !== null) {
      const phase = phaseOf(run)
      if (phase === 'interrupted') throw new AppError('CONFLICT', `The demo stopped at lead ${run.lead}: let it go on, or reset it first.`)
      if (phase !== 'over') throw new AppError('CONFLICT', `The demo is on already, at lead ${run.lead} of 100.`)
      // What was chosen for this start stays chosen.
      const chosen = triggers.marks()
      await takeDown(Object.fromEntries(TRIGGER_IDS.map((id) => [id, { ...chosen[id], firedAtLead: null }])) as TriggerMarks)
    }
    const python = await engine.look()
    const interpreter = engine.interpreter()
    if (interpreter === null) throw new AppError('UNAVAILABLE', python.note ?? 'No Python was found that could run the demo.', { problem: 'interpreter' })
    const file = await readDemoFile(folder, shippedFolder)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const leads = await readLeads(join(shippedFolder, 'leads.csv'))
    const pace = createPace({ clock, leadsPerHour: file.leads_per_hour, speed })
    const bill: Bill = { total: 0 }
    const world = await openServices(leads, { file, pace, bill }, 0)
    try {
      const { environment, id, problem } = await key.open()
      if (problem !== null) triggers.miss('rotation', problem)
      const url = `http://127.0.0.1:${world.port}`
      const agent = await agents.start(launchOfDemo({ file, folder, shippedFolder, interpreter, engine: python.kind, url, environment, hasKey: id !== null }))
      keepAnswers(agent.id, leads, file.seed)
      run = { agentId: agent.id, pace, file, bill, lead: 0, world }
    } catch (problem) {
      await world.close()
      await key.remove()
      throw problem
    }
    keep()
    tell()
  }

  /** What is to happen next time: as chosen, or as the file says. */
  async function takeDown(marks: TriggerMarks | null): Promise<void> {
    forgetRotation()
    rotationDueAt = null
    const old = run
    if (old !== null) {
      old.pace.close()
      const status = agents.find(old.agentId)?.status
      if (status !== undefined) {
        if (!isSettled(status)) await agents.stop(old.agentId)
        await agents.remove(old.agentId)
      }
      run = null
      await old.world?.close()
    }
    await key.remove()
    await runFile.remove()
    for (const name of ['results.csv', 'results.csv.new']) await rm(join(folder, name), { force: true })
    triggers = createTriggers(marks ?? marksOf(await fileOrShipped()), tell)
    tell()
  }

  async function openAgain(current: Run, port: number): Promise<void> {
    if (current.world !== null || run !== current) return
    current.file = await readDemoFile(folder, shippedFolder)
    const leads = await readLeads(join(shippedFolder, 'leads.csv'))
    current.world = await openServices(leads, current, port)
    keepAnswers(current.agentId, leads, current.file.seed)
  }

  function required(): Run {
    if (run === null) throw new AppError('CONFLICT', 'The demo is not on: start it first.')
    return run
  }

  function hear(event: Event): void {
    if (event.name === 'secret.rotated' && event.payload.secretId === key.id) {
      forgetRotation()
      key.rotated()
      if (triggers.fire('rotation', rotationDueAt ?? run?.lead ?? 1)) keep()
      return
    }
    if (run === null || event.agentId !== run.agentId) return
    switch (event.name) {
      case 'agent.changed':
        // What was under way when its process ended is settled by now.
        if (event.payload.agent.status === 'starting') {
          run.bill.total = spentOf(run.agentId)
          // Somebody may have restarted it as any other agent, in a room that was opened anew.
          const current = run
          if (current.world === null) background('opening the demo’s services again', inTurn('demo', () => openAgain(current, keptPort)))
        }
        tell()
        return
      case 'agent.removed':
        background('putting the demo away', inTurn('demo', async () => {
          if (run?.agentId === event.agentId) await takeDown(null)
        }))
        return
      case 'budget.warned':
        if (triggers.fire('budget', run.lead)) keep()
    }
  }

  const kept = await runFile.read()
  /** Where its services have to be again, after the room was killed. */
  let keptPort = 0
  if (kept !== null && agents.find(kept.agentId) === null) await runFile.remove()
  else if (kept !== null) {
    const file = await fileOrShipped()
    triggers = createTriggers(kept.marks, tell)
    key.resume(kept.secretId)
    keptPort = kept.port
    run = { agentId: kept.agentId, pace: createPace({ clock, leadsPerHour: file.leads_per_hour, speed: kept.speed }), file, bill: { total: spentOf(kept.agentId) }, lead: kept.lead, world: null }
  }
  const unlisten = bus.listen((events) => {
    for (const event of events) hear(event)
  })

  return {
    view() {
      const next = run === null ? null : triggers.next(run.lead)
      return {
        run: run && {
          agentId: run.agentId,
          phase: phaseOf(run),
          lead: run.lead,
          leads: 100,
          speed: run.pace.speed,
          skippingTo: run.pace.skippingTo,
          next: next && { id: next.id, lead: next.lead, inMs: run.pace.msUntil(next.lead) },
        },
        triggers: triggers.list(),
        engine: engine.now(),
        folder,
        at: clock.now(),
      }
    },
    start: (speed) => inTurn('demo', () => putOn(speed)),
    pace(change) {
      required().pace.change(change)
      keep()
      tell()
    },
    change(id, change) {
      triggers.change(id, change)
      keep()
    },
    async fire(id) {
      const { lead } = required()
      const now = Math.max(1, lead)
      if (triggers.of(id).state === 'fired') throw new AppError('CONFLICT', 'That has happened already; a reset brings it back.')
      if (id === 'rotation') {
        await rotateNow()
        const { state, note } = triggers.of(id)
        if (state === 'missed' && note !== null) throw new AppError('CONFLICT', note)
      } else triggers.change(id, { lead: now, isOn: true })
      keep()
    },
    goOn: () =>
      inTurn('demo', async () => {
        const current = required()
        if (phaseOf(current) !== 'interrupted') throw new AppError('CONFLICT', 'The demo was not interrupted.')
        await openAgain(current, keptPort)
        await agents.restart(current.agentId)
        tell()
      }),
    reset: () => inTurn('demo', () => takeDown(null)),
    async turn(agentId, lead) {
      // It may ask before whoever started it has heard that it runs.
      await inTurn('demo', () => Promise.resolve())
      const current = run
      if (current?.agentId !== agentId) throw new AppError('CONFLICT', `${agentId} is not the demo's agent.`)
      const { skippingTo } = current.pace
      const asked = current.pace.turn(lead)
      // It may have come where it was to be taken, and be held there.
      if (current.pace.skippingTo !== skippingTo) tell()
      const turn = await asked
      if (turn.waitMs === 0 && run === current) await begun(current, lead)
      return turn
    },
    changed: tell,
    follow(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      unlisten()
      forgetRotation()
      pacer.cancel()
      run?.pace.close()
      await run?.world?.close()
    },
  }
}
