import { COMMAND_NAMES, COMMANDS, type CommandName } from '../../../src/main/cli/commandTable.ts'
import { EXIT_CODES } from '../../../src/main/cli/exitCodes.ts'
import { helpText } from '../../../src/main/cli/help.ts'
import { GENERATED, table } from './page.ts'

/** Every command of the terminal as its own help tells it, and the exit codes. */
export function commandsPage(): string {
  return [
    `# The command line\n\n${GENERATED}\n\n${INTRODUCTION}`,
    table(['Command', 'Does'], COMMAND_NAMES.map((name) => [`[\`${name}\`](#${name})`, COMMANDS[name].summary])),
    `\n## Exit codes\n\nEvery other code is the agent’s own.\n`,
    table(['Code', 'Meaning'], Object.values(EXIT_CODES).map(([code, meaning]) => [`\`${code}\``, meaning])),
    `\n## Commands\n\n${COMMAND_NAMES.map(entry).join('\n')}`,
  ].join('\n')
}

const INTRODUCTION = `From a checkout it is \`npm run -s iron_cage -- COMMAND\`; installed, \`iron_cage COMMAND\`. What a command prints for programs goes to standard
output, what it says beside that to standard error; \`--json\` and \`--csv\` have it for programs.
`

function entry(name: CommandName): string {
  return `### \`${name}\`\n\n\`\`\`text\n${helpText(name).trimEnd()}\n\`\`\`\n`
}
