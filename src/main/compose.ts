import { join } from 'node:path'
import type { Agent, AgentId, AgentStatus } from '../shared/domain/agent.ts'
import { isAlive, isSettled } from '../shared/domain/agentStatus.ts'
import { isAttached } from '../shared/domain/attached.ts'
import type { Provider } from '../shared/domain/provider.ts'
import { AppError } from '../shared/errors.ts'
import { createAccess } from './access/access.ts'
import { accountHandlers } from './access/accountHandlers.ts'
import { createAccounts } from './access/accounts.ts'
import { createApiTokens } from './access/apiTokens.ts'
import { createEndings } from './access/endings.ts'
import { OWNER } from './access/owner.ts'
import { bcryptPasswords } from './access/passwords.ts'
import { alertHandlers } from './alerts/alertHandlers.ts'
import { createCurrentAlerts } from './alerts/currentAlerts.ts'
import type { AgentBridge } from './agents/bridge.ts'
import { createBridge } from './agents/bridge/createBridge.ts'
import { signalProcess } from './agents/bridge/signalProcess.ts'
import { agentHandlers } from './agents/agentHandlers.ts'
import { attachHandlers } from './agents/attached/attachHandlers.ts'
import { checkpointHandlers } from './agents/checkpointHandlers.ts'
import { createCheckpointKeeper } from './agents/checkpointKeeper.ts'
import { createLaunchPlans } from './agents/launchPlans.ts'
import { systemProcessTable } from './agents/processTable.ts'
import { spawnPty } from './agents/pty.ts'
import { createSupervisor, type Supervisor } from './agents/supervisor.ts'
import { terminalHandlers, terminalStreamHandlers } from './agents/terminalHandlers.ts'
import { findApplication, resourcesIn } from './application.ts'
import { auditHandlers } from './audit/auditHandlers.ts'
import { createBudgetDesk } from './budget/budgetDesk.ts'
import { budgetHandlers } from './budget/budgetHandlers.ts'
import { findBudget } from './budget/findBudget.ts'
import { scopeHandlers } from './budget/scopeHandlers.ts'
import { agentEnvironment, attachedEnvironment, withSearchPath } from './configuration/agentEnvironment.ts'
import { createLaunchHandlers } from './configuration/launchHandlers.ts'
import { createLaunchPlanner } from './configuration/launchPlanner.ts'
import { openSettings } from './configuration/openSettings.ts'
import { priceHandlers } from './configuration/priceHandlers.ts'
import { secretVariables } from './configuration/settings.ts'
import { settingsHandlers } from './configuration/settingsHandlers.ts'
import type { ControlRoom, ControlRoomPorts } from './controlRoom.ts'
import { costHandlers } from './costs/costHandlers.ts'
import { openDemo } from './demo/openDemo.ts'
import { CALLS_WAIT } from './events/callsWait.ts'
import { createEventBus } from './events/eventBus.ts'
import { createEventRedactor } from './events/eventRedactor.ts'
import { createEventHandlers } from './events/eventHandlers.ts'
import { eventLogHandlers } from './events/eventLogHandlers.ts'
import { openGateway } from './gateway/openGateway.ts'
import { simulatorHandlers } from './gateway/simulated/simulatorHandlers.ts'
import type { Run } from './gateway/run.ts'
import { createSimulatedUpstream } from './gateway/simulated/simulatedUpstream.ts'
import { createHostRule } from './reliability/hostRule.ts'
import { joinRooms } from './instances/joinRooms.ts'
import { openPool } from './instances/openSharing.ts'
import { createMetricsDesk, metricsHandlers } from './metrics/metricsDesk.ts'
import { readRoomFigures } from './metrics/readRoomFigures.ts'
import { UPSTREAM_POLICY } from './reliability/policies.ts'
import { createServiceDesk } from './reliability/serviceDesk.ts'
import { serviceHandlers } from './reliability/serviceHandlers.ts'
import { roomHandlers, type Address } from './roomHandlers.ts'
import { createRouter, type Router } from './router/router.ts'
import { createAllowances } from './safety/allowances/allowances.ts'
import { createPerformanceDesk } from './performance/performanceDesk.ts'
import { performanceHandlers } from './performance/performanceHandlers.ts'
import { createRaisedExceptions } from './reports/raisedExceptions.ts'
import { createReports } from './reports/reportHandlers.ts'
import { createSafetyDesk } from './safety/desk/createSafetyDesk.ts'
import { createScanner } from './safety/scan/createScanner.ts'
import { findingHandlers } from './safety/findingHandlers.ts'
import { findInjections } from './safety/injection/findInjections.ts'
import { safetyHandlers } from './safety/safetyHandlers.ts'
import { secretValuesIn } from './safety/desk/secretVariables.ts'
import { createJsonCheck } from './safety/json/jsonCheck.ts'
import { createTextCheck } from './safety/scan/shortTexts.ts'
import { createSinkRedactor, withholding } from './safety/sinkRedactor.ts'
import { createTerminalFilter } from './safety/terminal/terminalFilter.ts'
import { createKeyFile } from './secrets/keyFile.ts'
import { createKeyDesk } from './secrets/keyDesk.ts'
import { keyHandlers } from './secrets/keyHandlers.ts'
import type { RoomKeys } from './secrets/roomKeys.ts'
import { secretRefusals } from './secrets/secretRefusals.ts'
import { secretHandlers } from './secrets/secretHandlers.ts'
import type { AgentRun } from './secrets/secretPolicy.ts'
import { probeKey } from './secrets/run/probe.ts'
import { neededOf } from './secrets/run/neededOf.ts'
import { runOf } from './secrets/run/storeSource.ts'
import { openSecrets } from './secrets/openSecrets.ts'
import { stageHandlers } from './secrets/stageHandlers.ts'
import { instanceName } from './state/instanceName.ts'
import { addressIn, DATABASE_URL, openRoomState, REDIS_URL, secretsOfAddress } from './state/openRoomState.ts'
import type { KeyGenerations } from './state/keptSecrets.ts'
import { redactingState } from './state/redactingState.ts'
import { claimDataFolder } from './state/ownership.ts'
import { createEventRelay } from './state/redis/eventRelay.ts'
import { keepFor, keepRetention } from './state/retention.ts'
import { createLog } from './telemetry/createLog.ts'
import type { Log } from './telemetry/log.ts'
import { logEvents } from './telemetry/logEvents.ts'
import { openTracing } from './tracing/openTracing.ts'
import { createTokenCounter } from './tokens/createTokenCounter.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** While its process may ask. */
const HAS_SECRETS: ReadonlySet<AgentStatus> = new Set<AgentStatus>(['starting', 'running', 'stopping'])

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
    const addresses = [DATABASE_URL, REDIS_URL]
    const secretsOfAddresses = addresses.flatMap((name) => secretsOfAddress(environment, name))
    sink.knowSecrets([...secretValuesIn(environment), ...secretsOfAddresses])
    const planner = createLaunchPlanner({ environment, searchPath: ports.searchPath, dataFolder, platform: process.platform, isStored: (of, names) => isStored(of, names) })
    // A wrong setting is told before anything is written.
    const { leastSeverity, values: atStart } = await planner.room(ports.flags)
    const application = findApplication()
    const settings = await openSettings({
      dataFolder,
      applicationFolder: application.folder,
      planner,
      flags: ports.flags,
      random,
      values: atStart,
      announce: (announcement) => bus.announce(announcement),
      onUsed: async (values) => {
        for (const name of secretVariables(values)) withheld.add(name)
        sink.knowSecrets(roomSecrets())
        for (const { id } of supervisor.list()) safety.secretsChanged(id)
        retention.lookAgain()
        safety.retentionChanged()
        await alerts.settingsChanged()
      },
      onDefect: (...defect) => onDefect(...defect),
    })
    const { prices, settingsDesk, priceDesk } = settings
    const keyDesk = await createKeyDesk({
      environment,
      keychain: ports.keychain ?? null,
      keyFile: createKeyFile(dataFolder),
      askPassphrase: ports.askPassphrase ?? null,
      clock,
      onOpened: () => onKeys(),
      announce: (announcement) => bus.announce(announcement),
    })
    const { keys } = keyDesk

    const ownership = claimDataFolder(dataFolder)
    closers.push(() => ownership.release())

    const log = createLog({ folder: dataFolder, clock, level: leastSeverity, keptMs: atStart.log_kept_for * DAY_MS, redact: sink.redact, onEntry: ports.onLogEntry })
    closers.push(() => log.close())
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

    const auditKey = async (generations: KeyGenerations): Promise<Buffer | null> => {
      await keyDesk.settle(generations)
      return keys.derive('audit')
    }
    const state = redactingState(await openRoomState({ dataFolder, environment, instance: () => instanceName(dataFolder, random), clock, log, auditKey }), withholding(sink.redact))
    closers.push(() => state.close())
    // Without the database its lease ends by itself.
    closers.push(() => state.instances?.leave().catch(() => {}))
    tellOfKeys(keys, log, ports.host)
    const launchPlans = createLaunchPlans({ state, sink, key: () => keys.derive('launch-plans') })
    const redis = state.instances === null ? null : addressIn(environment, REDIS_URL)
    const bus = await createEventBus({
      events: state.events,
      clock,
      onDefect,
      redact: createEventRedactor(sink.redact),
      ...(redis !== null && { relay: (hear) => createEventRelay({ url: redis, group: state.instances?.group ?? '', events: state.events, clock, hear, onDefect: unlessTold(onDefect) }) }),
      patience: CALLS_WAIT,
    })
    closers.push(() => bus.close())
    closers.push(() => bus.settled())
    closers.push(logEvents(bus, log))
    const tracing = openTracing({ clock, random, version, bus, log, endpoint: () => settings.current.otel_endpoint })
    closers.push(() => tracing.close())
    const retention = keepRetention(state.events, clock, onDefect, () => settings.current.events_kept_for)
    closers.push(() => retention.stop())
    const openedSecrets = await openSecrets({
      state,
      keys,
      clock,
      random,
      bridge: () => bridge,
      announce: (announcement) => bus.announce(announcement),
      know: (values) => sink.knowSecrets(values),
      onValues: (agentId) => safety.secretsChanged(agentId),
      onDefect,
    })
    closers.push(() => openedSecrets.close())
    const { secrets, stage, runSecrets, isStored } = openedSecrets

    const shared = await openPool({ limit: atStart.shared_budget, url: redis, state, clock, random, log })
    closers.push(() => shared.close())
    const budgets = await createBudgetDesk({
      state,
      bus,
      clock,
      pool: shared.pool,
      // Where nobody sits in front of it, nobody can be asked.
      atLimit: ports.host === 'terminal' ? 'end' : 'ask',
      endRun: (agentId, reason) => supervisor.stop(agentId, 'over-budget', reason),
      onDefect,
      onFailure,
    })
    /** Whatever was named once stays a secret: agents that run may have it from before. */
    const withheld = new Set([...secretVariables(atStart), ...addresses])
    const roomSecrets = (): string[] => [...secretValuesIn(environment), ...secretsOfAddresses, ...[...withheld].flatMap((name) => environment[name] ?? [])]
    sink.knowSecrets(roomSecrets())
    const safety = await createSafetyDesk({
      state,
      bus,
      clock,
      random,
      keys,
      halt: (agentId, reason) => supervisor.stop(agentId, 'blocked', reason),
      secretsOf: (agentId) => [...roomSecrets(), ...launchPlans.secretsOf(agentId), ...runSecrets.valuesOf(agentId)],
      createScanner,
      keepOriginalsMs: () => settings.current.originals_kept_for * DAY_MS,
      onAllowances: () => allowInSinks(),
      onDefect,
      onFailure,
    })
    closers.push(() => safety.close())
    const allowInSinks = (): void => sink.allow(createAllowances(safety.allowances.list().filter(({ agentId }) => agentId === null)))
    allowInSinks()
    const services = await createServiceDesk({
      state,
      bus,
      clock,
      random,
      key: () => keys.derive('service-cache'),
      redact: withholding(sink.redact),
      unitOf: (agentId) => findBudget(budgets, agentId)?.unit ?? 'call',
      refusalOf: createHostRule(safety),
      upstreamPolicy: () => ({
        ...UPSTREAM_POLICY,
        failures: settings.current.upstream_failures,
        cooldownMs: Math.max(1, settings.current.upstream_cooldown),
        probeMs: Math.max(1, settings.current.upstream_probe),
      }),
      onDefect,
    })
    closers.push(() => services.close())
    const answerRetention = keepFor({ forgetBefore: (moment) => state.serviceAnswers.forgetBefore(moment), keptMs: () => 0, clock, onDefect, what: 'retention of what services answered' })
    closers.push(() => answerRetention.stop())
    const tokens = createTokenCounter({ onProblem: (problem) => onDefect(problem, 'counting tokens') })
    closers.push(() => tokens.close())
    const simulated = createSimulatedUpstream({ clock, tokens, onDefect })
    closers.push(() => simulated.close())
    closers.push(
      bus.listen((batch) => {
        for (const { name, agentId } of batch) if (name === 'agent.removed' && agentId) simulated.forget(agentId)
      }),
    )
    let runs: Pick<Supervisor, 'runOfToken' | 'list'> | null = null
    let request: Router['request'] | null = null
    const findRun = (token: string): Run | null => runs?.runOfToken(token) ?? null
    const gateway = await openGateway({ findRun, desk: budgets, safety, keys: runSecrets, breakers: services.upstreams, traces: tracing.traces, prices, tokens, simulated, clock, random, log, environment, onDefect })
    closers.push(() => gateway.close())
    const address: Address = { url: null }
    let viewers = (): number => 0
    const table = systemProcessTable()
    const bridge: AgentBridge = await createBridge({
      dataFolder,
      clock,
      findRun,
      secretsOf: (agentId) => runSecrets.forAgent(agentId),
      generationOf: (agentId) => runSecrets.generationOf(agentId),
      request: (...question) => {
        if (request === null) throw new AppError('UNAVAILABLE', 'The room is not open yet.')
        return request(...question)
      },
      version,
      signal: (agentId, pid, runToken, isAsked) => signalProcess(pid, { table, pid: supervisor.get(agentId).pid, runToken, isAsked }),
      onDefect,
      onMisbehaved(agentId, what) {
        if (agentId === null) log.write({ level: 'WARN', event: 'bridge.misbehaved', msg: `The bridge: ${what}` })
        else void bus.announce({ name: 'log.written', agentId, severity: 'WARN', message: `The bridge: ${what}`, payload: { fields: {} } })
      },
    })
    closers.push(() => bridge.close())
    const raised = createRaisedExceptions({ clock, redact: withholding(sink.redact) })
    const performance = createPerformanceDesk({
      clock,
      announce: (announcement) => bus.announce(announcement),
      budgetOf: (agentId) => budgets.status(agentId),
      servicesOf: (agentId) => services.list(agentId),
      agentOf: (agentId) => runs?.list().find(({ id }) => id === agentId) ?? null,
    })
    closers.push(() => performance.close())
    closers.push(
      bus.listen((batch) => {
        performance.hear(batch)
        for (const event of batch) {
          if (event.agentId === null) continue
          if (event.name === 'agent.removed' || (event.name === 'agent.changed' && event.payload.agent.status === 'starting')) raised.forget(event.agentId)
        }
      }),
    )
    const supervisor: Supervisor = await createSupervisor({
      state,
      launchPlans,
      dataFolder,
      clock,
      random,
      table,
      spawn: spawnPty,
      announce: (announcement) => bus.announce(announcement),
      environmentFor: async (agent, runToken) => {
        const { id, plan } = agent
        // Called once for every process, before it can ask for anything.
        simulated.beginRun(id)
        services.launched(id, plan)
        const common = {
          agentId: id,
          runToken,
          url: address.url,
          gatewayUrl: gateway.url,
          platform: process.platform,
          applicationFolder: application.folder,
          withheld: [...withheld],
          secrets: await runSecrets.inject(agent),
          bridge: bridge.environmentOf(id, runToken),
        }
        if (isAttached(plan)) return attachedEnvironment(plan, common)
        const base = withSearchPath(environment, await ports.searchPath)
        return agentEnvironment(base, plan, { ...common, pythonFolder: join(resourcesIn(application.folder), 'python', 'bootstrap') })
      },
      askToEnd: (agentId, reason) => bridge.tellToStop(agentId, reason),
      lastUnhandled: (agentId) => raised.lastUnhandled(agentId),
      createFilter: (agentId, output) => createTerminalFilter({ agentId, desk: safety, clock, output, onDefect }),
      onDefect,
      onFailure,
    })
    closers.push(
      bus.listen((batch) => {
        for (const { name, agentId } of batch) {
          if (agentId === null || (name !== 'agent.changed' && name !== 'agent.removed')) continue
          // Whoever has asked to leave is answered first; what else comes from there is not heard any more.
          setImmediate(() => bridge.closeOver())
          const now = supervisor.list().find(({ id }) => id === agentId)
          if (now === undefined || isSettled(now.status)) runSecrets.forget(agentId)
        }
      }),
    )
    closers.push(() => bus.announce({ name: 'room.stopped', agentId: null, severity: 'INFO', message: 'The control room is closed.', payload: {} }))
    const alerts = await createCurrentAlerts({
      settings: () => settings.current,
      alerts: state.alerts,
      events: state.events,
      ledger: state.ledger,
      bus,
      clock,
      random,
      environment,
      log,
      budgetOf: (agentId) => findBudget(budgets, agentId),
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

    /** One that is just being started is there before anybody was told of it, and before its budget. */
    const withBudget = (): Agent[] => {
      const opened = new Set(budgets.list().map(({ agentId }) => agentId))
      return supervisor.list().filter(({ id }) => opened.has(id))
    }
    const metrics = createMetricsDesk({
      clock,
      priceName: (model) => prices.find(model)?.name ?? null,
      figures: () => readRoomFigures({ version, host: ports.host, dataFolder, supervisor, table, budgets, services, bridge, viewers: () => viewers() }),
    })
    closers.push(() => metrics.close())
    closers.push(bus.listen(metrics.hear))
    const endings = createEndings()
    const accounts = createAccounts({ users: state.users, passwords: bcryptPasswords, endings, clock, random })
    const apiTokens = createApiTokens({ tokens: state.apiTokens, statusOf: (agentId) => supervisor.list().find(({ id }) => id === agentId)?.status ?? null, endings, clock, random })
    const access = await createAccess({
      dataFolder,
      clock,
      random,
      accounts,
      apiTokens,
      revokedSessions: state.revokedSessions,
      endings,
      agentIdOfRunToken: (token) => supervisor.agentOfRunToken(token),
      onWarning: (msg) => log.write({ level: 'WARN', event: 'access.tightened', msg }),
    })
    /** Whatever was kept in the open, or not at all, for want of a key. */
    const onKeys = async (): Promise<void> => {
      const sealing = keys.derive('audit')
      if (sealing !== null) await state.sealAudits(sealing)
      await secrets.sealAudit()
      await safety.keysOpened()
      await launchPlans.keysOpened()
    }
    const { recentScripts, events } = state
    const checkpoints = createCheckpointKeeper({ checkpoints: state.checkpoints, desk: safety, sink, key: () => keys.derive('checkpoints') })
    await checkpoints.cleanOld()
    const currentRun = (agentId: AgentId): AgentRun | null => {
      const agent = supervisor.list().find(({ id }) => id === agentId)
      return agent && HAS_SECRETS.has(agent.status) ? runOf(agent) : null
    }
    /** Where agents of this moment send what they send to a provider. */
    const addressOf = (provider: Provider): string | null =>
      supervisor.list().find(({ status, plan }) => isAlive(status) && plan.llm.mode === 'live')?.plan.llm.upstreams[provider] ?? null
    const eventHandlers = createEventHandlers({ events, bus, clock, onDefect })
    const refusals = secretRefusals(secrets, currentRun)
    const reports = createReports({
      safety,
      check: createJsonCheck({ desk: safety, sink }),
      raised,
      bus,
      log,
      clock,
      workingDirectoryOf: (agentId) => supervisor.get(agentId).plan.workingDirectory,
      redact: withholding(sink.redact),
    })
    closers.push(() => reports.close())
    const demo = await openDemo({
      dataFolder,
      applicationFolder: application.folder,
      environment,
      searchPath: ports.searchPath,
      planner,
      clock,
      random,
      bus,
      secrets,
      runSecrets,
      services,
      budgets,
      supervisor,
      prices,
      tokens,
      request: (...question) => {
        if (request === null) throw new AppError('UNAVAILABLE', 'The room is not open yet.')
        return request(...question)
      },
      onDefect,
    })
    closers.push(() => demo.close())
    const router = createRouter({
      commandHandlers: {
        ...accountHandlers({ accounts, apiTokens, log }),
        ...alertHandlers(alerts),
        ...attachHandlers({ supervisor, plan: (request) => planner.planAttached(request) }),
        ...auditHandlers({ audit: state.safetyAudit, secrets: state.secrets }),
        ...agentHandlers({ supervisor, plan: (request) => planner.plan(request), requireSecrets: (plan) => secrets.requireForRun(neededOf(plan)), recentScripts, budgets, performance, calls: state.calls, bus, clock }),
        ...checkpointHandlers({ supervisor, checkpoints, flushCounts: () => services.flush(), bus, clock }),
        ...budgetHandlers({ budgets, bus, performance, checkText: createTextCheck(safety, withholding(sink.redact)), redact: withholding(sink.redact) }),
        ...metricsHandlers(metrics),
        ...performanceHandlers({ performance, bus, agents: withBudget, requireAgent: (agentId) => supervisor.get(agentId) }),
        ...reports.handlers,
        ...costHandlers({ calls: state.calls, bus }),
        ...scopeHandlers({ budgets, isRunning: (agentId) => isAlive(supervisor.get(agentId).status), random, redact: withholding(sink.redact) }),
        ...keyHandlers(keyDesk),
        ...createLaunchHandlers({ planner, recentScripts, dataFolder, clock, random, redact: withholding(sink.redact) }),
        ...demo.commandHandlers,
        ...eventHandlers.commandHandlers,
        ...eventLogHandlers({ eventLog: state.eventLog, events }),
        ...roomHandlers({ access, address, dataFolder, host: ports.host, version, onStopRequested: ports.onStopRequested }),
        ...safetyHandlers({ safety, bus, findInjections }),
        ...findingHandlers({ safety, audit: state.safetyAudit, clock, random }),
        ...secretHandlers({
          store: secrets,
          secrets: state.secrets,
          bus,
          runOf: currentRun,
          secretsOf: async (agentId) => {
            if (currentRun(agentId) === null) throw new AppError('FORBIDDEN', 'An agent has secrets only while it runs.')
            return runSecrets.forAgent(agentId)
          },
          rotate: (secret) => runSecrets.rotate(secret),
          probe: async ({ id, name }, value) => {
            const refusal = await probeKey(name, value, { addressOf })
            if (refusal === null) runSecrets.noteProbed(id, value)
            return refusal
          },
          verifyPassword: async ({ id }, password) => (id === OWNER.id ? null : accounts.verifyPassword(id, password)),
          redact: withholding(sink.redact),
        }),
        ...priceHandlers(priceDesk),
        ...settingsHandlers(settingsDesk),
        ...stageHandlers(stage),
        ...serviceHandlers({ services, bus }),
        ...simulatorHandlers({ supervisor, simulated, bus }),
        ...terminalHandlers(supervisor),
      },
      streamHandlers: { ...demo.streamHandlers, ...eventHandlers.streamHandlers, ...terminalStreamHandlers(supervisor) },
      onDefect,
      onRefused: refusals.ofCaller,
    })
    request = router.request
    const isOwn = (agentId: AgentId): boolean => supervisor.list().some(({ id }) => id === agentId)
    const joined =
      redis === null || state.instances === null
        ? null
        : await joinRooms({ url: redis, instances: state.instances, keys, bus, router, isOwn, clock, random, stage, safety, runSecrets, ledger: state.ledger, budgets, onFailure, onDefect, onOddity: unlessTold(onDefect) })
    if (joined !== null) closers.push(() => joined.close())
    await bus.announce({ name: 'room.started', agentId: null, severity: 'INFO', message: 'The control room is open.', payload: { version } })

    return {
      router: joined?.router ?? router,
      bus,
      log,
      access,
      dataFolder,
      onTurnedAway: refusals.ofStranger,
      publish({ url, port, viewers: ofTheDoor }) {
        address.url = url
        viewers = ofTheDoor
        ownership.publish({ url, port, startedAt: clock.now(), version })
      },
      stop: closeAll,
    }
  } catch (problem) {
    // What goes wrong on the way out says nothing of why there is a way out.
    await closeAll().catch(() => undefined)
    throw problem
  }
}

/** Of a server that is away its own connection tells, once. */
function unlessTold(onDefect: (defect: unknown, where: string) => unknown) {
  return (defect: unknown, where: string): unknown => (defect instanceof AppError ? undefined : onDefect(defect, where))
}

function tellOfKeys({ state, problem, isChanging }: RoomKeys, log: Log, host: ControlRoomPorts['host']): void {
  if (state === 'missing') {
    // Somebody who only runs an agent needs none; whoever opens a room may be about to keep a secret.
    log.write({ level: host === 'terminal' ? 'DEBUG' : 'INFO', event: 'room.withoutKey', msg: `${problem ?? ''} Originals of findings and the variables of agents are not kept either.` })
  } else if (problem !== null) {
    log.write({ level: 'WARN', event: 'room.keyDoesNotOpen', msg: problem })
  }
  if (isChanging) {
    log.write({ level: 'WARN', event: 'room.keyIsChanging', msg: 'A change of the master key was begun and not finished: close the room and run "iron_cage secrets rekey".' })
  }
}
