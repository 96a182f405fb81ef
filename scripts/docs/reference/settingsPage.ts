import { SETTING_KEYS, settingOf, type SettingKey } from '../../../src/main/configuration/settings.ts'
import { showSetting } from '../../../src/shared/settingSentences.ts'
import { GENERATED, table } from './page.ts'

/** Every setting, from the table that flags, variables and files are read by. */
export function settingsPage(): string {
  const ofAgents = SETTING_KEYS.filter((key) => settingOf(key).of === 'agent')
  const ofRoom = SETTING_KEYS.filter((key) => settingOf(key).of === 'room')
  return [
    `# Settings\n\n${GENERATED}\n\n${INTRODUCTION}`,
    `## At a glance\n\n${overview('Of an agent', ofAgents)}\n\n${overview('Of the room', ofRoom)}\n`,
    `## Variables that are no settings\n\n${table(['Variable', 'Says'], VARIABLES.map(([name, meaning]) => [`\`${name}\``, meaning]))}\n`,
    `## Of an agent\n\nA change in a file holds from the agent’s next start.\n\n${ofAgents.map(entry).join('\n')}`,
    `## Of the room\n\n${ofRoom.map(entry).join('\n')}`,
  ].join('\n')
}

const INTRODUCTION = `Who says something, in falling order: a flag, a variable of the environment, \`iron_cage.yaml\` or \`iron_cage.toml\` beside the script, \`settings.yaml\` in
the data folder, the default. \`iron_cage config --explain\` shows which of them it was; \`iron_cage config set KEY VALUE\` writes into
\`settings.yaml\`, and so do **Settings** in the window and \`PATCH /api/settings\`.
`

/** Where things lie and what opens them: in a file that is read there these would come too late, or not be secret. */
const VARIABLES: readonly (readonly [string, string])[] = [
  ['IRON_CAGE_HOME', 'The data folder; the platform’s usual one when left out.'],
  ['DATABASE_URL', 'A [PostgreSQL server](../postgres.md) for what is durable; the data folder’s own file when left out.'],
  ['REDIS_URL', 'A [Redis server](../postgres.md#several-control-rooms) over which several control rooms share that database; one has it to itself when left out.'],
  ['IRON_SECRETS_MASTER_KEY', 'The master key, 64 hexadecimal digits; outranks keychain and key file.'],
  ['IRON_SECRETS_PASSPHRASE', 'Opens the key file without a prompt.'],
  ['IRON_SECRETS_NEW_MASTER_KEY', 'The key that `iron_cage secrets rekey` changes to, where the old one comes from the environment.'],
  ['IRON_CAGE_KEYCHAIN', '`off` asks no keychain.'],
  ['IRON_CAGE_COMMAND', 'How the Python SDK starts a room of its own; `iron_cage` on the path, or the build of its checkout, when left out.'],
  ['NODE_EXTRA_CA_CERTS', 'A file with certificate authorities of your own, for mail servers, webhooks and upstreams.'],
]

function overview(title: string, keys: readonly SettingKey[]): string {
  const rows = keys.map((key) => {
    const { flag, variable } = settingOf(key)
    return [`[\`${key}\`](#${key})`, flag === null ? '–' : `\`--${flag}\``, variable === null ? '–' : `\`${variable}\``, fallbackOf(key)]
  })
  return table([title, 'Flag', 'Variable', 'Default'], rows)
}

function entry(key: SettingKey): string {
  const { summary, kind, flag, variable, files, of, needsRestart } = settingOf(key)
  const facts = [
    ['May be', kind.allowed],
    ['Default', fallbackOf(key)],
    ...(flag === null ? [] : [['Flag', `\`--${flag}${kind.placeholder ? ` ${kind.placeholder}` : ''}\`${kind.flagTakes === 'many' ? ', as often as needed' : ''}`]]),
    ...(variable === null ? [] : [['Variable', `\`${variable}\``]]),
    ['Files', files.map((file) => (file === 'agent file' ? '`iron_cage.yaml`' : '`settings.yaml`')).join(', ')],
    ...(of === 'room' ? [['A change holds', needsRestart ? 'when the room is opened again' : 'at once']] : []),
  ]
  return [`### \`${key}\`\n`, `${summary}\n`, facts.map(([name, fact]) => `- ${name}: ${fact}`).join('\n'), ''].join('\n')
}

function fallbackOf(key: SettingKey): string {
  const { kind, fallback } = settingOf(key)
  return showSetting(kind.show(fallback))
}
