import { stat } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import type { LaunchRequest } from '../../shared/contract/agents.ts'
import type { CommandInput } from '../../shared/contract/contract.ts'
import type { ExplainedSetting } from '../../shared/contract/launch.ts'
import type { Environment, LaunchPlan } from '../../shared/domain/agent.ts'
import { ATTACHED } from '../../shared/domain/attached.ts'
import type { Severity } from '../../shared/domain/event.ts'
import { AppError } from '../../shared/errors.ts'
import { formatExactDollars } from '../../shared/format.ts'
import { withSearchPath } from './agentEnvironment.ts'
import { settingsPath } from './dataFolder.ts'
import { findInterpreter } from './interpreters.ts'
import { environmentLayer, fileLayer, flagLayer, requestLayer, type FlagValues, type Layer } from './layers.ts'
import { createPrograms } from './programs.ts'
import { keysWanted, planLlm, sdkAddresses } from './providers.ts'
import { resolveLayers, type Resolved } from './resolvedSettings.ts'
import { requireScript } from './scriptFile.ts'
import { roomValues, type RoomValues } from './settings.ts'
import { planSafety, safetyRequest } from './safetyPlans.ts'
import { parseSettings, readSettingsFile } from './settingsFile.ts'

export interface LaunchPlannerOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** As in the room's ports: plans wait for it, settings do not. */
  readonly searchPath?: Promise<string | null>
  readonly dataFolder: string
  readonly platform: NodeJS.Platform
  /** Flags that hold for every launch. */
  readonly flags?: FlagValues
  /** The folder of a shell: relative paths start there, and agents run there unless told otherwise. */
  readonly callerFolder?: string
  /** Whether one of these secrets is kept for that environment; left out where no store is known. */
  readonly isStored?: (environment: Environment, names: readonly string[]) => Promise<boolean>
}

/** How a process that is there already asks for protection. */
export type AttachRequest = Pick<CommandInput<'agent.attach'>, 'name' | 'workingDirectory' | 'budget' | 'safetyMode' | 'environment' | 'provider' | 'config'>

export interface PlannedLaunch {
  readonly plan: LaunchPlan
  readonly settings: ExplainedSetting[]
}

export interface RoomSettings {
  /** `prices` is absolute. Secrets are references; `dereference` follows them. */
  readonly values: RoomValues
  readonly settings: ExplainedSetting[]
  /** What of the log is written: `verbose` and `log_level` as one word. */
  readonly leastSeverity: Severity
  /** Whether somebody chose the port, and so wants no other. */
  readonly isPortChosen: boolean
}

/** Decides what would run and under which settings. It reads; it writes and starts nothing. */
export interface LaunchPlanner {
  plan(request: LaunchRequest, flags?: FlagValues): Promise<PlannedLaunch>
  /** What holds for a process that nobody needs to start. */
  planAttached(request: AttachRequest): Promise<PlannedLaunch>
  /** The settings of the room itself; as they would be with another text in the settings file, where one is given. */
  room(flags?: FlagValues, settingsText?: string): Promise<RoomSettings>
  /** Who says what without a script, in falling order of precedence. */
  layers(flags?: FlagValues): Promise<readonly Layer[]>
  /** Every setting as it stands without a script. */
  explain(flags?: FlagValues): Promise<ExplainedSetting[]>
}

const AGENT_FILE_NAMES = ['iron_cage.yaml', 'iron_cage.yml', 'iron_cage.toml']

export function createLaunchPlanner(options: LaunchPlannerOptions): LaunchPlanner {
  const { environment, dataFolder, platform, callerFolder } = options

  async function layersWithoutScript(flags: FlagValues, settingsText?: string): Promise<Layer[]> {
    return [flagLayer({ ...options.flags, ...flags }), environmentLayer(environment), await userSettings(dataFolder, settingsText)]
  }

  function andSdkAddresses(layers: readonly Layer[]): Layer[] {
    return [...layers, sdkAddresses(resolveLayers(layers), environment)]
  }

  function withSdkAddresses(layers: readonly Layer[]): Resolved {
    return resolveLayers(andSdkAddresses(layers))
  }

  async function layersOf(request: Omit<LaunchRequest, 'script'>, agentFile: Layer | null, flags: FlagValues): Promise<Resolved> {
    return withSdkAddresses([
      requestLayer(settingsIn(request)),
      flagLayer({ ...options.flags, ...flags }),
      environmentLayer(environment),
      ...(agentFile ? [agentFile] : []),
      await userSettings(dataFolder),
    ])
  }

  /** What a plan says of everything but its program. */
  async function rulesOf(resolved: Resolved, baseFolder: string): Promise<Omit<LaunchPlan, 'script' | 'name' | 'command' | 'interpreter' | 'args' | 'workingDirectory'>> {
    const { values } = resolved
    const hasStoredKey = values.provider === 'auto' && ((await options.isStored?.(values.env, keysWanted(values.variables, values.secrets))) ?? false)
    return {
      variables: values.variables,
      budget: values.budget,
      atLimit: values.at_limit,
      parkForMs: values.park_for,
      baselinePerUnit: values.baseline,
      llm: planLlm(resolved, environment, hasStoredKey),
      safety: planSafety(resolved, baseFolder),
      services: values.services,
      secrets: values.secrets,
      sealSecrets: values.seal_secrets,
      environment: values.env,
      restart: values.restart,
      maxRestarts: values.max_restarts,
      healthyAfterMs: values.healthy_after,
      gracePeriodMs: values.grace_period,
    }
  }

  return {
    async plan(request, flags = {}) {
      const script = absolute(request.script, "The script's path", callerFolder)
      await requireScript(script)
      const agentFile = await findAgentFile(dirname(script), request.config, callerFolder)
      const resolved = await layersOf(request, agentFile, flags)
      const baseFolder = callerFolder ?? dirname(script)
      const chosen = resolved.decidedBy('interpreter')
      const interpreter = await findInterpreter({
        script,
        chosen: chosen?.value ? { value: chosen.value, subject: chosen.subject, folder: chosen.folder ?? baseFolder } : null,
        environment,
        platform,
        programs: createPrograms(withSearchPath(environment, await options.searchPath), platform),
      })
      const plan: LaunchPlan = {
        script,
        name: basename(script),
        command: interpreter.command,
        interpreter: interpreter.name,
        args: resolved.values.args,
        workingDirectory: await workingDirectory(resolved, baseFolder),
        ...(await rulesOf(resolved, baseFolder)),
      }
      return { plan, settings: resolved.explain('agent') }
    },

    async planAttached({ name, workingDirectory: folder, config, ...request }) {
      const home = absolute(folder, 'The working directory', undefined)
      const path = resolve(home, name)
      const isFile = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      )
      // What is no file is the name of a function, and its agent file lies where the process runs.
      const script = isFile ? path : name
      const baseFolder = isFile ? dirname(path) : home
      const resolved = await layersOf(request, await findAgentFile(baseFolder, config, home), {})
      const plan: LaunchPlan = {
        ...(await rulesOf(resolved, baseFolder)),
        script,
        name: basename(script) || name,
        command: [script],
        interpreter: ATTACHED,
        args: [],
        workingDirectory: home,
        restart: 'never',
        maxRestarts: 0,
      }
      return { plan, settings: resolved.explain('agent') }
    },

    layers: async (flags = {}) => andSdkAddresses(await layersWithoutScript(flags)),

    async room(flags = {}, settingsText) {
      const resolved = resolveLayers(await layersWithoutScript(flags, settingsText))
      const { verbose, log_level, prices } = resolved.values
      const folder = resolved.decidedBy('prices')?.folder ?? callerFolder ?? process.cwd()
      return {
        values: { ...roomValues(resolved.values), prices: prices === null ? null : resolve(folder, prices) },
        settings: resolved.explain('room'),
        leastSeverity: verbose ? 'DEBUG' : (log_level.toUpperCase() as Uppercase<typeof log_level>),
        isPortChosen: resolved.decidedBy('port') !== null,
      }
    },

    async explain(flags = {}) {
      const resolved = withSdkAddresses(await layersWithoutScript(flags))
      return [...resolved.explain('agent'), ...resolved.explain('room')]
    },
  }
}

/** The request that leads to this very plan in another room, whatever that room's own settings are. */
export function requestFor(plan: LaunchPlan, config: string | undefined): LaunchRequest {
  return {
    script: plan.script,
    args: plan.args,
    interpreter: plan.interpreter === 'executable' ? undefined : plan.command[0],
    workingDirectory: plan.workingDirectory,
    variables: plan.variables,
    budget: formatExactDollars(plan.budget),
    provider: plan.llm.mode,
    upstreamOpenai: plan.llm.upstreams.openai,
    upstreamAnthropic: plan.llm.upstreams.anthropic,
    atLimit: plan.atLimit,
    parkForMs: plan.parkForMs,
    unknownModel: plan.llm.unknownModel,
    baseline: plan.baselinePerUnit === null ? null : formatExactDollars(plan.baselinePerUnit),
    simulatedSeed: plan.llm.simulation.seed,
    simulatedDelayMs: plan.llm.simulation.delayMs,
    simulatedFailures: plan.llm.simulation.failures,
    ...safetyRequest(plan.safety),
    secrets: plan.secrets,
    sealSecrets: plan.sealSecrets,
    environment: plan.environment,
    restart: plan.restart,
    maxRestarts: plan.maxRestarts,
    healthyAfterMs: plan.healthyAfterMs,
    gracePeriodMs: plan.gracePeriodMs,
    config,
  }
}

function settingsIn(request: Omit<LaunchRequest, 'script'>): Parameters<typeof requestLayer>[0] {
  return {
    budget: request.budget,
    provider: request.provider,
    upstream_openai: request.upstreamOpenai,
    upstream_anthropic: request.upstreamAnthropic,
    at_limit: request.atLimit,
    park_for: milliseconds(request.parkForMs),
    unknown_model: request.unknownModel,
    baseline: request.baseline,
    simulated_seed: request.simulatedSeed,
    simulated_delay: milliseconds(request.simulatedDelayMs),
    simulated_failures: request.simulatedFailures,
    safety_mode: request.safetyMode,
    safety_types: request.safetyTypes,
    safety_directions: request.safetyDirections,
    unauthorised: request.unauthorised,
    injection: request.injection,
    allowed_models: request.allowedModels,
    allowed_tools: request.allowedTools,
    allowed_hosts: request.allowedHosts,
    allowed_paths: request.allowedPaths,
    not_private: request.notPrivate,
    secrets: request.secrets,
    seal_secrets: request.sealSecrets,
    env: request.environment,
    restart: request.restart,
    max_restarts: request.maxRestarts,
    healthy_after: milliseconds(request.healthyAfterMs),
    grace_period: milliseconds(request.gracePeriodMs),
    interpreter: request.interpreter,
    args: request.args,
    working_directory: request.workingDirectory,
    variables: request.variables,
  }
}

function milliseconds(length: number | undefined): string | undefined {
  return length === undefined ? undefined : `${length}ms`
}

function absolute(path: string, subject: string, callerFolder: string | undefined): string {
  if (path.trim() === '') throw new AppError('INVALID_INPUT', `${subject} is empty; give the path of a file.`)
  if (isAbsolute(path)) return resolve(path)
  if (callerFolder !== undefined) return resolve(callerFolder, path)
  throw new AppError('INVALID_INPUT', `${subject} is ${JSON.stringify(path)}, but must be an absolute path.`)
}

async function userSettings(dataFolder: string, text?: string): Promise<Layer> {
  const path = settingsPath(dataFolder)
  const file = text === undefined ? await readSettingsFile(path) : parseSettings(path, text)
  return file ? fileLayer(file, 'user settings') : { origin: 'user settings', said: new Map() }
}

async function findAgentFile(folder: string, config: string | undefined, callerFolder: string | undefined): Promise<Layer | null> {
  if (config !== undefined) {
    const path = absolute(config, "The agent file's path (--config)", callerFolder)
    if (!['.yaml', '.yml', '.toml'].includes(extname(path))) {
      throw new AppError('INVALID_CONFIGURATION', `The agent file ${path} (--config) must end in .yaml, .yml or .toml.`)
    }
    const file = await readSettingsFile(path)
    if (!file) throw new AppError('INVALID_CONFIGURATION', `There is no agent file ${path} (--config).`)
    return fileLayer(file, 'agent file')
  }
  const found = []
  for (const name of AGENT_FILE_NAMES) {
    const file = await readSettingsFile(join(folder, name))
    if (file) found.push(file)
  }
  const [first, second] = found
  if (first && second) {
    throw new AppError(
      'INVALID_CONFIGURATION',
      `Both ${first.path} and ${basename(second.path)} lie beside the script; keep one of them, or choose with --config.`,
    )
  }
  return first ? fileLayer(first, 'agent file') : null
}

async function workingDirectory(resolved: Resolved, baseFolder: string): Promise<string> {
  const decided = resolved.decidedBy('working_directory')
  if (!decided?.value) return baseFolder
  const path = resolve(decided.folder ?? baseFolder, decided.value)
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isFolder) return path
  throw new AppError('INVALID_CONFIGURATION', `${decided.subject} is ${JSON.stringify(decided.value)}, but ${path} is no folder.`)
}
