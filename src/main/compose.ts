import { AppError } from '../shared/errors.ts'
import { createAccess } from './access/access.ts'
import { alertHandlers } from './alerts/alertHandlers.ts'
import { createAlerts } from './alerts/alerts.ts'
import { agentHandlers } from './agents/agentHandlers.ts'
import { checkpointHandlers } from './agents/checkpointHandlers.ts'
import { createCheckpointKeeper } from './agents/checkpointKeeper.ts'
import { createLaunchPlans } from './agents/launchPlans.ts'
import { systemProcessTable } from './agents/processTable.ts'
import { spawnPty } from './agents/pty.ts'
import { createSupervisor, type Supervisor } from './agents/supervisor.ts'
import { terminalHandlers, terminalStreamHandlers } from './agents/terminalHandlers.ts'
import { findApplication } from './application.ts'
import { auditHandlers } from './audit/auditHandlers.ts'
import { createBudgetDesk } from './budget/budgetDesk.ts'
import { budgetHandlers } from './budget/budgetHandlers.ts'
import { agentEnvironment, withSearchPath } from './configuration/agentEnvironment.ts'
import { createLaunchHandlers } from './configuration/launchHandlers.ts'
import { createLaunchPlanner } from './configuration/launchPlanner.ts'
import { readPriceList } from './configuration/priceList.ts'
import { secretVariables } from './configuration/settings.ts'
import type { ControlRoom, ControlRoomPorts } from './controlRoom.ts'
import { costHandlers } from './costs/costHandlers.ts'
import { CALLS_WAIT } from './events/callsWait.ts'
import { createEventBus } from './events/eventBus.ts'
import { createEventRedactor } from './events/eventRedactor.ts'
import { createEventHandlers } from './events/eventHandlers.ts'
import { openGateway } from './gateway/openGateway.ts'
import { simulatorHandlers } from './gateway/simulated/simulatorHandlers.ts'
import type { Run } from './gateway/run.ts'
import { createSimulatedUpstream } from './gateway/simulated/simulatedUpstream.ts'
import { roomHandlers, type Address } from './roomHandlers.ts'
import { createRouter } from './router/router.ts'
import { createAllowances } from './safety/allowances/allowances.ts'
import { createSafetyDesk } from './safety/desk/createSafetyDesk.ts'
import { createScanner } from './safety/scan/createScanner.ts'
import { findingHandlers } from './safety/findingHandlers.ts'
import { findInjections } from './safety/injection/findInjections.ts'
import { safetyHandlers } from './safety/safetyHandlers.ts'
import { secretValuesIn } from './safety/desk/secretVariables.ts'
import { createTextCheck } from './safety/scan/shortTexts.ts'
import { createSinkRedactor, withholding } from './safety/sinkRedactor.ts'
import { createTerminalFilter } from './safety/terminal/terminalFilter.ts'
import { openKeys } from './secrets/openKeys.ts'
import { openState } from './state/openState.ts'
import { redactingState } from './state/redactingState.ts'
import { claimDataFolder } from './state/ownership.ts'
import { keepRetention } from './state/retention.ts'
import { createLog } from './telemetry/createLog.ts'
import { logEvents } from './telemetry/logEvents.ts'
import { createTokenCounter } from './tokens/createTokenCounter.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Builds every room in order of dependency and wires them; what was opened before a failure is closed again, backwards. */
export async function composeControlRoom(ports: ControlRoomPorts): Promise<ControlRoom> {
  const { clock, random, dataFolder, environment, version } = ports
  const closers: (() => unknown)[] = []
  const closeAll = async (): Promise<void> => {
    const problems: unknown[] = []
    for (const close of closers.splice(0).reverse()) {
      try {
        await close()
      } catch (problem) {
        // One that fails keeps nobody else from closing.
        problems.push(problem)
      }
    }
    if (problems.length > 0) throw problems[0]
  }

  try {
    // Before everything that writes something down.
    const sink = createSinkRedactor(createScanner)
    sink.knowSecrets(secretValuesIn(environment))
    const planner = createLaunchPlanner({ environment, searchPath: ports.searchPath, dataFolder, platform: process.platform })
    // A wrong setting is told before anything is written.
    const { leastSeverity, values: settings } = await planner.room(ports.flags)
    const application = findApplication()
    const prices = await readPriceList(application.folder, settings.prices)
    const keys = await openKeys({ environment, keychain: ports.keychain ?? null })

    const ownership = claimDataFolder(dataFolder)
    closers.push(() => ownership.release())

    const log = createLog({ folder: dataFolder, clock, level: leastSeverity, redact: sink.redact, onEntry: ports.onLogEntry })
    closers.push(() => log.close())
    if (keys.source === null) {
      const msg = 'There is no master key, neither in IRON_SECRETS_MASTER_KEY nor in a keychain: originals of findings and the variables of agents are not kept.'
      log.write({ level: 'DEBUG', event: 'room.withoutKey', msg })
    }
    const onDefect = (defect: unknown, where: string): string => {
      const incident = random.hex(4)
      const error = defect instanceof Error ? (defect.stack ?? defect.message) : String(defect)
      const msg = defect instanceof AppError ? `${defect.message} (incident ${incident})` : `Incident ${incident} at ${where}.`
      log.write({ level: 'ERROR', event: 'room.defect', msg, fields: { incident, where, error } })
      return incident
    }

    let isFailing = false
    /** A room that cannot keep account of its agents does not go on with them. */
    const onFailure = (problem: unknown): void => {
      if (!(problem instanceof AppError)) onDefect(problem, 'supervision')
      if (!isFailing) ports.onStopRequested(problem)
      isFailing = true
    }

    const state = redactingState(await openState({ dataFolder, clock, log, auditKey: keys.derive('audit') }), withholding(sink.redact))
    closers.push(() => state.close())
    const launchPlans = createLaunchPlans({ state, sink, key: keys.derive('launch-plans') })
    const bus = await createEventBus({ events: state.events, clock, onDefect, redact: createEventRedactor(sink.redact), patience: CALLS_WAIT })
    closers.push(() => bus.settled())
    closers.push(logEvents(bus, log))
    const retention = keepRetention(state.events, clock, onDefect)
    closers.push(() => retention.stop())

    const budgets = await createBudgetDesk({
      state,
      bus,
      clock,
      // Where nobody sits in front of it, nobody can be asked.
      atLimit: ports.host === 'terminal' ? 'end' : 'ask',
      endRun: (agentId, reason) => supervisor.stop(agentId, 'over-budget', reason),
      onDefect,
      onFailure,
    })
    const withheld = secretVariables(settings)
    const roomSecrets = [...secretValuesIn(environment), ...withheld.flatMap((name) => environment[name] ?? [])]
    sink.knowSecrets(roomSecrets)
    const safety = await createSafetyDesk({
      state,
      bus,
      clock,
      random,
      keys,
      halt: (agentId, reason) => supervisor.stop(agentId, 'blocked', reason),
      secretsOf: (agentId) => [...roomSecrets, ...launchPlans.secretsOf(agentId)],
      createScanner,
      keepOriginalsMs: settings.originals_kept_for * DAY_MS,
      onAllowances: () => allowInSinks(),
      onDefect,
      onFailure,
    })
    closers.push(() => safety.close())
    const allowInSinks = (): void => sink.allow(createAllowances(safety.allowances.list().filter(({ agentId }) => agentId === null)))
    allowInSinks()
    const tokens = createTokenCounter({ onProblem: (problem) => onDefect(problem, 'counting tokens') })
    closers.push(() => tokens.close())
    const simulated = createSimulatedUpstream({ clock, tokens, onDefect })
    closers.push(() => simulated.close())
    closers.push(
      bus.listen((batch) => {
        for (const { name, agentId } of batch) if (name === 'agent.removed' && agentId) simulated.forget(agentId)
      }),
    )
    let runs: Pick<Supervisor, 'runOfToken'> | null = null
    const findRun = (token: string): Run | null => runs?.runOfToken(token) ?? null
    const gateway = await openGateway({ findRun, desk: budgets, safety, prices, tokens, simulated, clock, random, log, environment, onDefect })
    closers.push(() => gateway.close())
    const address: Address = { url: null }
    const supervisor: Supervisor = await createSupervisor({
      state,
      launchPlans,
      dataFolder,
      clock,
      random,
      table: systemProcessTable(),
      spawn: spawnPty,
      announce: (announcement) => bus.announce(announcement),
      environmentFor: async ({ id, plan }, runToken) => {
        // Called once for every process, before it can ask for anything.
        simulated.beginRun(id)
        const base = withSearchPath(environment, await ports.searchPath)
        const { url } = address
        const { platform } = process
        const addresses = { url, gatewayUrl: gateway.url }
        return agentEnvironment(base, plan, { agentId: id, runToken, ...addresses, platform, applicationFolder: application.folder, withheld })
      },
      createFilter: (agentId, output) => createTerminalFilter({ agentId, desk: safety, clock, output, onDefect }),
      onDefect,
      onFailure,
    })
    closers.push(() => bus.announce({ name: 'room.stopped', agentId: null, severity: 'INFO', message: 'The control room is closed.', payload: {} }))
    const alerts = await createAlerts({
      settings,
      alerts: state.alerts,
      events: state.events,
      ledger: state.ledger,
      bus,
      clock,
      random,
      environment,
      log,
      budgetOf: (agentId) => budgets.list().find((budget) => budget.agentId === agentId) ?? null,
      url: () => address.url,
      onDefect,
    })
    closers.push(async () => {
      // What the last runs and budgets had to tell may be worth an alert.
      await bus.settled()
      await alerts.close()
    })
    closers.push(() => budgets.close())
    closers.push(() => safety.close())
    // Between the agents' end and the budgets': what is still open is settled.
    closers.push(() => gateway.close())
    closers.push(() => supervisor.stopAll())
    runs = supervisor

    const access = await createAccess({
      dataFolder,
      clock,
      random,
      agentIdOfRunToken: (token) => supervisor.agentOfRunToken(token),
      onWarning: (msg) => log.write({ level: 'WARN', event: 'access.tightened', msg }),
    })
    const { recentScripts, events } = state
    const checkpoints = createCheckpointKeeper({ checkpoints: state.checkpoints, desk: safety, sink, key: keys.derive('checkpoints') })
    await checkpoints.cleanOld()
    const eventHandlers = createEventHandlers({ events, bus, clock, onDefect })
    const router = createRouter({
      commandHandlers: {
        ...alertHandlers(alerts),
        ...auditHandlers({ audit: state.safetyAudit }),
        ...agentHandlers({ supervisor, plan: (request) => planner.plan(request), recentScripts, budgets, calls: state.calls, bus, clock }),
        ...checkpointHandlers({ supervisor, checkpoints, bus, clock }),
        ...budgetHandlers({ budgets, bus, checkText: createTextCheck(safety, withholding(sink.redact)), redact: withholding(sink.redact) }),
        ...costHandlers({ calls: state.calls, bus }),
        ...createLaunchHandlers({ planner, recentScripts, dataFolder, clock, random }),
        ...eventHandlers.commandHandlers,
        ...roomHandlers({ access, address, dataFolder, host: ports.host, version, onStopRequested: ports.onStopRequested }),
        ...safetyHandlers({ safety, bus, findInjections }),
        ...findingHandlers({ safety, audit: state.safetyAudit, clock, random }),
        ...simulatorHandlers({ supervisor, simulated, bus }),
        ...terminalHandlers(supervisor),
      },
      streamHandlers: { ...eventHandlers.streamHandlers, ...terminalStreamHandlers(supervisor) },
      onDefect,
    })
    await bus.announce({ name: 'room.started', agentId: null, severity: 'INFO', message: 'The control room is open.', payload: { version } })

    return {
      router,
      bus,
      log,
      access,
      dataFolder,
      publish({ url, port }) {
        address.url = url
        ownership.publish({ url, port, startedAt: clock.now(), version })
      },
      stop: closeAll,
    }
  } catch (problem) {
    await closeAll()
    throw problem
  }
}
