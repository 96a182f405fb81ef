import { SETTING_KEYS, settingOf, type SettingKey } from '../configuration/settings.ts'

/** What a command line may hold besides settings. */
export const OPTIONS = {
  config: { takes: 'one', placeholder: 'FILE', summary: 'The agent file, where it does not lie beside the script.' },
  explain: { takes: 'nothing', placeholder: '', summary: 'Prints each value with where it came from.' },
  follow: { takes: 'nothing', placeholder: '', summary: 'Goes on as the agent writes, until it ends.' },
  by: { takes: 'one', placeholder: 'DOLLARS', summary: 'How much more it may spend, in dollars, such as 25.' },
  reason: { takes: 'one', placeholder: 'TEXT', summary: 'Why; it stays in the books for good.' },
  group: { flag: 'by', takes: 'one', placeholder: 'agent|model|hour', summary: 'What to sum by; agents when left out, models for one agent.' },
  csv: { takes: 'nothing', placeholder: '', summary: 'Prints CSV, a row for each.' },
  limit: { takes: 'one', placeholder: 'N', summary: 'How many of the last; 20 when left out.' },
  lines: { takes: 'one', placeholder: 'N', summary: 'How many of the last lines; 200 when left out.' },
  kind: { takes: 'one', placeholder: 'private|unauthorised|injection|opened|policy', summary: 'Only records of this kind.' },
  agent: { takes: 'one', placeholder: 'ID', summary: 'For this agent only; for all when left out.' },
  role: { takes: 'one', placeholder: 'admin|viewer|agent', summary: 'What it opens: everything, the view of everything, or what one agent may do.' },
  label: { takes: 'one', placeholder: 'TEXT', summary: 'What it is for, as the list shows it.' },
  reset: { takes: 'nothing', placeholder: '', summary: 'Takes back what was said in the room.' },
  deleted: { takes: 'nothing', placeholder: '', summary: 'Those that are deleted.' },
  own: { takes: 'nothing', placeholder: '', summary: 'As the user, who says the password that holds: for those who are not the owner of this machine.' },
  reveal: { takes: 'nothing', placeholder: '', summary: 'Prints the value itself; that it was shown stands in the audit.' },
  sealed: { takes: 'nothing', placeholder: '', summary: 'The agent gets a placeholder; the gateway puts the value in, for the hosts of --host.' },
  host: { takes: 'one', placeholder: 'HOST[,HOST]', summary: 'Where a sealed secret may go, such as api.openai.com.' },
  probe: { takes: 'nothing', placeholder: '', summary: 'Tries the new key at its provider before anybody gets it.' },
  format: { takes: 'one', placeholder: 'env|kv2', summary: 'A .env file, or the JSON of a KV-v2 store.' },
  overwrite: { takes: 'nothing', placeholder: '', summary: 'Gives secrets that are there already the new values.' },
  speed: { takes: 'one', placeholder: '1|10|max', summary: 'How fast: 1 is the stage, 10 ten times as fast, max without a pause.' },
  goOn: { flag: 'go-on', takes: 'nothing', placeholder: '', summary: 'Takes an interrupted run on, at the lead that it was at.' },
  startOver: { flag: 'reset', takes: 'nothing', placeholder: '', summary: 'Brings it back to its start: its agent, its key and its results go, nothing else.' },
  rehearse: { takes: 'one', placeholder: 'N', summary: 'Runs it N times in a room of its own, and tells what differed.' },
  noApprove: { flag: 'no-approve', takes: 'nothing', placeholder: '', summary: 'With --rehearse: nobody approves more money, and each run ends at its limit.' },
  untilStdinCloses: { flag: 'until-stdin-closes', takes: 'nothing', placeholder: '', summary: 'Ends as soon as standard input does: with the program that started it.' },
  untilUnused: { flag: 'until-unused', takes: 'nothing', placeholder: '', summary: 'Ends once standard input has ended and no agent runs any more.' },
  json: { takes: 'nothing', placeholder: '', summary: 'Prints JSON for programs.' },
  help: { takes: 'nothing', placeholder: '', summary: 'Prints this help.' },
  version: { takes: 'nothing', placeholder: '', summary: 'Prints the version.' },
} as const satisfies Record<string, OptionSpec>
export type OptionName = keyof typeof OPTIONS

interface OptionSpec {
  /** How it is written, where that is not its name. */
  readonly flag?: string
  readonly takes: 'one' | 'nothing'
  readonly placeholder: string
  readonly summary: string
}

export function flagOf(name: OptionName): string {
  return (OPTIONS[name] as OptionSpec).flag ?? name
}

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
    settings: [...AGENT_FLAGS, 'prices'],
    options: ['config'],
    examples: ['iron_cage start agent.py --budget 50', 'iron_cage start agent.py --safety-mode block -- --leads 100'],
  }),
  serve: command({
    summary: 'Opens the control room for a browser on this machine.',
    settings: ['port', 'prices'],
    options: ['untilStdinCloses', 'untilUnused', 'json'],
    examples: ['iron_cage serve', 'iron_cage serve --port 0', 'iron_cage serve --port 0 --json --until-stdin-closes'],
  }),
  demo: command({
    summary: 'Runs the demo: in the room that is open, or in one that this terminal opens; --rehearse proves it.',
    settings: ['port', 'prices'],
    options: ['speed', 'goOn', 'startOver', 'rehearse', 'noApprove', 'json'],
    examples: ['iron_cage demo', 'iron_cage demo --speed 10', 'iron_cage demo --go-on', 'iron_cage demo --reset', 'iron_cage demo --rehearse 10'],
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
  costs: command({
    summary: 'Tells what LLM calls have cost.',
    operands: ['[ID]'],
    options: ['group', 'csv', 'json'],
    examples: ['iron_cage costs --by hour', 'iron_cage costs lg-7a3f9c2d --csv > costs.csv'],
  }),
  calls: command({
    summary: 'Lists LLM calls, newest first.',
    operands: ['[ID]'],
    options: ['limit', 'json'],
    examples: ['iron_cage calls lg-7a3f9c2d --limit 50'],
  }),
  raise: command({
    summary: 'Raises an agent’s budget; calls that wait for it go on.',
    operands: ['ID'],
    options: ['by', 'reason'],
    examples: ['iron_cage raise lg-7a3f9c2d --by 25 --reason "the second half of the list"'],
  }),
  decline: command({
    summary: 'Refuses the calls that wait for a larger budget.',
    operands: ['ID'],
    options: ['reason'],
    examples: ['iron_cage decline lg-7a3f9c2d --reason "enough for today"'],
  }),
  check: command({
    summary: 'Looks through a text for private data, as if it were on its way; - reads standard input.',
    operands: ['TEXT'],
    options: ['json'],
    examples: ['iron_cage check "Contact ceo@acme.com"', 'iron_cage check - < mail.txt'],
  }),
  rules: command({
    summary: 'Tells what happens to private data, for an agent or the whole room; with flags, changes it at once.',
    operands: ['[ID]'],
    settings: ['safety_mode', 'safety_types', 'safety_directions', 'unauthorised', 'injection'],
    options: ['reset', 'json'],
    examples: ['iron_cage rules lg-7a3f9c2d', 'iron_cage rules lg-7a3f9c2d --safety-mode block', 'iron_cage rules --safety-type phone=warn', 'iron_cage rules --reset'],
  }),
  findings: command({
    summary: 'Lists what the safety audit holds, newest first.',
    operands: ['[ID]'],
    options: ['kind', 'limit', 'json'],
    examples: ['iron_cage findings lg-7a3f9c2d --kind private'],
  }),
  reveal: command({
    summary: 'Opens the original of a finding; that it was opened, and why, stands in the audit.',
    operands: ['FINDING'],
    options: ['reason'],
    examples: ['iron_cage reveal find-7a3f9c2d01b2c3d4 --reason "a customer asked what was taken out"'],
  }),
  allow: command({
    summary: 'Names a value, a @domain or a /pattern/ as not private; lists them when left out.',
    operands: ['[VALUE]'],
    options: ['agent', 'json'],
    examples: ['iron_cage allow @company.com', 'iron_cage allow "/^ORD-[0-9]+$/" --agent lg-7a3f9c2d'],
  }),
  disallow: command({ summary: 'Takes an allowance back.', operands: ['ALLOWANCE'], examples: ['iron_cage disallow allow-7a3f9c2d'] }),
  audit: command({
    summary: 'Checks that the audits of safety and of secrets are as they were written, or prints all of one.',
    operands: ['verify|export', '[safety|secrets]'],
    options: ['csv'],
    examples: ['iron_cage audit verify', 'iron_cage audit export > audit.jsonl', 'iron_cage audit export --csv > audit.csv', 'iron_cage audit export secrets --csv > secrets.csv'],
  }),
  services: command({
    summary: 'Lists what agents call besides models, and the providers, with their breakers; reset closes one by hand.',
    operands: ['[ID|reset]', '[SERVICE]', '[ENDPOINT]'],
    options: ['agent', 'json'],
    examples: ['iron_cage services', 'iron_cage services lg-7a3f9c2d', 'iron_cage services reset linkedin --agent lg-7a3f9c2d', 'iron_cage services reset openai api.openai.com'],
  }),
  config: command({
    summary: 'Prints every setting with its value and where it came from; set and unset change settings.yaml.',
    operands: ['[SCRIPT|set|unset]', '[KEY]', '[VALUE]'],
    settings: [...AGENT_FLAGS, 'port', 'prices'],
    options: ['explain', 'config', 'json'],
    examples: ['iron_cage config --explain', 'iron_cage config --explain agent.py --budget 50', 'iron_cage config set budget 50', "iron_cage config set allowed_models 'gpt-4*,claude-*'", 'iron_cage config unset budget'],
  }),
  secrets: command({
    summary: 'Keeps secrets for agents, encrypted; a value comes from a prompt or standard input, never from the command line.',
    operands: ['list|add|get|update|…', '[NAME]', '[VERSION]'],
    settings: ['env'],
    options: ['reveal', 'deleted', 'sealed', 'host', 'probe', 'format', 'overwrite', 'reason', 'json'],
    examples: [
      'iron_cage secrets list --env production',
      'iron_cage secrets add OPENAI_API_KEY --env production < key.txt',
      'iron_cage secrets get OPENAI_API_KEY --reveal',
      'iron_cage secrets update OPENAI_API_KEY < new-key.txt',
      'iron_cage secrets versions OPENAI_API_KEY',
      'iron_cage secrets rollback OPENAI_API_KEY 2',
      'iron_cage secrets delete OPENAI_API_KEY',
      'iron_cage secrets restore secret-7a3f9c2d01b2',
      'iron_cage secrets import .env --env staging',
      'iron_cage secrets export --env staging --format kv2 --reason "moving to another store" > secrets.json',
      'iron_cage secrets audit OPENAI_API_KEY',
      'iron_cage secrets init',
      'iron_cage secrets rekey',
    ],
  }),
  users: command({
    summary: 'Says who may sign in with name and password; the password comes from a prompt or standard input.',
    operands: ['add|list|remove|passwd', '[NAME]'],
    options: ['role', 'own', 'json'],
    examples: ['iron_cage users add ada --role viewer', 'iron_cage users passwd ada < new-password.txt', 'iron_cage users passwd ada --own', 'iron_cage users list'],
  }),
  tokens: command({
    summary: 'Makes, lists and revokes tokens that open the API for programs.',
    operands: ['create|list|revoke', '[TOKEN]'],
    options: ['role', 'agent', 'label', 'json'],
    examples: [
      'iron_cage tokens create --role viewer --label dashboard',
      'iron_cage tokens create --role agent --agent lg-7a3f9c2d',
      'iron_cage tokens revoke token-7a3f9c2d01b2',
    ],
  }),
  link: command({ summary: 'Makes a link that signs a browser in, once.' }),
  backup: command({
    summary: 'Copies what a room must not lose into a new folder, whether the room is open or not.',
    operands: ['FOLDER'],
    examples: ['iron_cage backup copy-of-the-room', 'iron_cage backup "backup-$(date +%F)"'],
  }),
  doctor: command({ summary: 'Checks this machine, and says for each finding what to do.', settings: ['port', 'prices'], options: ['json'] }),
} as const satisfies Record<string, CommandSpec>

export type CommandName = keyof typeof COMMANDS
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[]
