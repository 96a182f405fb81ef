import type { LaunchPlan } from '../../shared/domain/agent.ts'
import { PLACEHOLDER_KEY } from '../gateway/placeholderKey.ts'
import { runAddresses } from '../gateway/runAddress.ts'
import { KEY_VARIABLES } from './providers.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface AgentEnvironmentOptions {
  readonly agentId: string
  readonly runToken: string
  /** Where the room's REST door is, once it is open. */
  readonly url: string | null
  /** Where the gateway is, once it is open. */
  readonly gatewayUrl?: string | null
  /** Variables that hold secrets of the room, such as its mail server's password. */
  readonly withheld?: readonly string[]
  /** What the store has for this run. */
  readonly secrets?: Readonly<Record<string, string>>
  /** How its processes find the bridge to us. */
  readonly bridge?: Readonly<Record<string, string>>
  /** What Python is to find before everything else. */
  readonly pythonFolder?: string
  readonly platform: NodeJS.Platform
  /** Where this application is installed: its own tools are nobody else's. */
  readonly applicationFolder: string
}

const OURS = /^(IRON_CAGE_|IRON_SECRETS_|ELECTRON_)/
/** What npm puts there for the script it runs: the room, when started from a checkout. */
const NPM = /^(npm_|INIT_CWD$)/i
const NPM_UNPREFIXED = ['NODE', 'COLOR']

/** CrewAI tells its makers of each run, and asks for twenty seconds whether to send them a trace; who wants that says so himself. */
const FRAMEWORKS_AT_HOME = { CREWAI_DISABLE_TELEMETRY: 'true', CREWAI_TRACING_ENABLED: 'false' }

/** The environment that an agent's process gets: the room's own, less what is ours, plus what the agent is to know. */
export function agentEnvironment(base: Environment, plan: LaunchPlan, options: AgentEnvironmentOptions): Record<string, string> {
  const isUnderNpm = base.npm_lifecycle_event !== undefined
  // To Windows a name is the same in all letters: a key that was set as iron_secrets_… opens the room there.
  const spelled = (name: string): string => (options.platform === 'win32' ? name.toUpperCase() : name)
  const withheld = new Set(options.withheld?.map(spelled))
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined || OURS.test(spelled(name)) || NPM.test(name) || withheld.has(spelled(name))) continue
    if (isUnderNpm && NPM_UNPREFIXED.includes(name)) continue
    kept[name] = spelled(name) === 'PATH' ? withoutOurTools(value, options) : value
  }
  const asked = { ...FRAMEWORKS_AT_HOME, ...kept, TERM: 'xterm-256color', COLORTERM: 'truecolor', ...options.secrets, ...plan.variables }
  return {
    ...asked,
    ...towardsGateway(asked, plan, options),
    ...towardsBridge(asked, options),
    IRON_CAGE_AGENT_ID: options.agentId,
    IRON_CAGE_RUN_TOKEN: options.runToken,
    ...(options.url === null ? {} : { IRON_CAGE_URL: options.url }),
  }
}

const OF_A_TERMINAL: ReadonlySet<string> = new Set(['TERM', 'COLORTERM'])

/** What a process lacks that has an environment of its own: the room's is none of its business. */
export function attachedEnvironment(plan: LaunchPlan, options: Omit<AgentEnvironmentOptions, 'pythonFolder'>): Record<string, string> {
  const whole = Object.entries(agentEnvironment({}, { ...plan, variables: {} }, options))
  return { ...Object.fromEntries(whole.filter(([name]) => !OF_A_TERMINAL.has(name))), ...plan.variables }
}

function towardsBridge(asked: Environment, { bridge, pythonFolder, platform }: AgentEnvironmentOptions): Readonly<Record<string, string>> {
  if (bridge === undefined || pythonFolder === undefined) return bridge ?? {}
  return { ...bridge, PYTHONPATH: [pythonFolder, asked.PYTHONPATH].filter(Boolean).join(platform === 'win32' ? ';' : ':') }
}

/** An unmodified SDK finds the gateway, needs no key for simulated answers, and asks no proxy on the way. */
function towardsGateway(asked: Environment, plan: LaunchPlan, { gatewayUrl, runToken }: AgentEnvironmentOptions): Record<string, string> {
  if (!gatewayUrl) return {}
  const { openai, anthropic } = runAddresses(gatewayUrl, runToken)
  const missingKeys = plan.llm.mode === 'simulated' ? Object.values(KEY_VARIABLES).filter((name) => !asked[name]?.trim()) : []
  return {
    OPENAI_BASE_URL: openai,
    OPENAI_API_BASE: openai,
    ANTHROPIC_BASE_URL: anthropic,
    ...Object.fromEntries(missingKeys.map((name) => [name, PLACEHOLDER_KEY])),
    NO_PROXY: withoutProxy(asked.NO_PROXY ?? asked.no_proxy),
    no_proxy: withoutProxy(asked.no_proxy ?? asked.NO_PROXY),
  }
}

function withoutProxy(given = ''): string {
  const hosts = given.split(',').map((host) => host.trim())
  if (hosts.includes('*')) return given
  return [...new Set([...hosts.filter((host) => host !== ''), '127.0.0.1', 'localhost'])].join(',')
}

/** The environment with a PATH that was found out later; a host that knows of none leaves it as it is. */
export function withSearchPath(base: Environment, searchPath: string | null | undefined): Environment {
  return typeof searchPath === 'string' ? { ...base, PATH: searchPath } : base
}

/** npm prepends the node_modules/.bin of our folder and of each folder above it; an agent shall find the user's programs. */
function withoutOurTools(path: string, { platform, applicationFolder }: AgentEnvironmentOptions): string {
  const separator = platform === 'win32' ? ';' : ':'
  const application = slashed(applicationFolder)
  return path
    .split(separator)
    .filter((entry) => {
      const folder = slashed(entry)
      if (folder.endsWith('/@npmcli/run-script/lib/node-gyp-bin')) return false
      if (!folder.endsWith('/node_modules/.bin')) return true
      const owner = folder.slice(0, -'/node_modules/.bin'.length)
      return !(application === owner || application.startsWith(`${owner}/`))
    })
    .join(separator)
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/').replace(/\/+$/, '')
}
