import { SETTING_KEYS, settingOf, type SettingKey } from '../configuration/settings.ts'

/** What a command line may hold besides settings. */
export const OPTIONS = {
  config: { takes: 'one', placeholder: 'FILE', summary: 'The agent file, where it does not lie beside the script.' },
  explain: { takes: 'nothing', placeholder: '', summary: 'Prints each value with where it came from.' },
  follow: { takes: 'nothing', placeholder: '', summary: 'Goes on as the agent writes, until it ends.' },
  lines: { takes: 'one', placeholder: 'N', summary: 'How many of the last lines; 200 when left out.' },
  json: { takes: 'nothing', placeholder: '', summary: 'Prints JSON for programs.' },
  help: { takes: 'nothing', placeholder: '', summary: 'Prints this help.' },
  version: { takes: 'nothing', placeholder: '', summary: 'Prints the version.' },
} as const satisfies Record<string, { takes: 'one' | 'nothing'; placeholder: string; summary: string }>
export type OptionName = keyof typeof OPTIONS

export interface CommandSpec {
  readonly summary: string
  /** `SCRIPT`, `[SCRIPT]` where it may be left out. */
  readonly operands: readonly string[]
  /** Whether what follows a -- belongs to the agent. */
  readonly takesRest: boolean
  readonly settings: readonly SettingKey[]
  readonly options: readonly OptionName[]
  readonly examples: readonly string[]
}

const AGENT_FLAGS = SETTING_KEYS.filter((key) => settingOf(key).of === 'agent' && settingOf(key).flag !== null)
/** Every command knows these. */
const ALWAYS: readonly SettingKey[] = ['verbose', 'log_level', 'log_format']

function command(entry: Partial<CommandSpec> & Pick<CommandSpec, 'summary'>): CommandSpec {
  const { operands = [], takesRest = false, settings = [], options = [], examples = [], summary } = entry
  return { summary, operands, takesRest, settings: [...settings, ...ALWAYS], options: [...options, 'help'], examples }
}

export const COMMANDS = {
  start: command({
    summary: 'Starts a script under supervision and stays with it.',
    operands: ['SCRIPT'],
    takesRest: true,
    settings: AGENT_FLAGS,
    options: ['config'],
    examples: ['iron_cage start agent.py --budget 50', 'iron_cage start agent.py --safety-mode block -- --leads 100'],
  }),
  serve: command({
    summary: 'Opens the control room for a browser on this machine.',
    settings: ['port'],
    examples: ['iron_cage serve', 'iron_cage serve --port 0'],
  }),
  list: command({ summary: 'Lists every agent, newest first.', options: ['json'] }),
  status: command({ summary: 'Tells how one agent is.', operands: ['ID'], options: ['json'], examples: ['iron_cage status lg-7a3f9c2d'] }),
  stop: command({ summary: 'Stops an agent and everything that it started.', operands: ['ID'] }),
  restart: command({ summary: 'Stops an agent if it runs, and starts it anew under the same id.', operands: ['ID'] }),
  logs: command({
    summary: 'Prints what an agent wrote.',
    operands: ['ID'],
    options: ['follow', 'lines'],
    examples: ['iron_cage logs lg-7a3f9c2d --lines 50', 'iron_cage logs lg-7a3f9c2d --follow'],
  }),
  config: command({
    summary: 'Prints every setting with its value and where it came from.',
    operands: ['[SCRIPT]'],
    settings: [...AGENT_FLAGS, 'port'],
    options: ['explain', 'config', 'json'],
    examples: ['iron_cage config --explain', 'iron_cage config --explain agent.py --budget 50'],
  }),
  link: command({ summary: 'Makes a link that signs a browser in, once.' }),
  doctor: command({ summary: 'Checks this machine, and says for each finding what to do.', settings: ['port'], options: ['json'] }),
} as const satisfies Record<string, CommandSpec>

export type CommandName = keyof typeof COMMANDS
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[]
