import type { LaunchPlan } from '../../shared/domain/agent.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface AgentEnvironmentOptions {
  readonly agentId: string
  readonly runToken: string
  /** Where the room's REST door is, once it is open. */
  readonly url: string | null
  readonly platform: NodeJS.Platform
  /** Where this application is installed: its own tools are nobody else's. */
  readonly applicationFolder: string
}

const OURS = /^(IRON_CAGE_|IRON_SECRETS_|ELECTRON_)/
/** What npm puts there for the script it runs: the room, when started from a checkout. */
const NPM = /^(npm_|INIT_CWD$)/i
const NPM_UNPREFIXED = ['NODE', 'COLOR']

/** The environment that an agent's process gets: the room's own, less what is ours, plus what the agent is to know. */
export function agentEnvironment(base: Environment, plan: LaunchPlan, options: AgentEnvironmentOptions): Record<string, string> {
  const isUnderNpm = base.npm_lifecycle_event !== undefined
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined || OURS.test(name) || NPM.test(name)) continue
    if (isUnderNpm && NPM_UNPREFIXED.includes(name)) continue
    const isPath = options.platform === 'win32' ? name.toUpperCase() === 'PATH' : name === 'PATH'
    kept[name] = isPath ? withoutOurTools(value, options) : value
  }
  return {
    ...kept,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    ...plan.variables,
    IRON_CAGE_AGENT_ID: options.agentId,
    IRON_CAGE_RUN_TOKEN: options.runToken,
    ...(options.url === null ? {} : { IRON_CAGE_URL: options.url }),
  }
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
