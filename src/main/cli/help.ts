import { settingOf } from '../configuration/settings.ts'
import { COMMAND_NAMES, COMMANDS, flagOf, OPTIONS, type CommandName, type CommandSpec } from './commandTable.ts'
import { EXIT_CODES } from './exitCodes.ts'

/** Help is derived from the tables; nothing is told twice. */
export function helpText(command: CommandName | null): string {
  return command === null ? generalHelp() : helpOf(command, COMMANDS[command])
}

function generalHelp(): string {
  return [
    'iron_cage: runs AI agents under supervision.',
    '',
    'Commands:',
    ...columns(COMMAND_NAMES.map((name) => [synopsis(name, COMMANDS[name]), COMMANDS[name].summary])),
    '',
    'Every command:',
    ...columns(flagRows({ ...COMMANDS.list, options: ['help', 'version'] })),
    '',
    'Settings come from flags, else IRON_CAGE_… variables, else iron_cage.yaml or .toml beside the script, else settings.yaml in the',
    'data folder (IRON_CAGE_HOME, or the platform’s usual one). iron_cage config --explain shows which is which.',
    '',
    'Exit codes: those of the agent, and of our own:',
    ...columns(Object.values(EXIT_CODES).map(([code, meaning]) => [String(code), meaning])),
    '',
    'More: iron_cage COMMAND --help',
    '',
  ].join('\n')
}

function helpOf(name: CommandName, spec: CommandSpec): string {
  return [
    `iron_cage ${synopsis(name, spec)}`,
    spec.summary,
    '',
    'Flags:',
    ...columns(flagRows(spec)),
    ...(spec.examples.length > 0 ? ['', 'Examples:', ...spec.examples.map((example) => `  ${example}`)] : []),
    '',
  ].join('\n')
}

function synopsis(name: CommandName, spec: CommandSpec): string {
  return [name, ...spec.operands, ...(spec.takesRest ? ['[-- ARGS…]'] : [])].join(' ')
}

function flagRows(spec: CommandSpec): [string, string][] {
  const options = spec.options.map((name): [string, string] => {
    const { placeholder, summary } = OPTIONS[name]
    return [`--${flagOf(name)}${placeholder ? ` ${placeholder}` : ''}`, summary]
  })
  const settings = spec.settings.flatMap((key): [string, string][] => {
    const { flag, kind, fallback, summary } = settingOf(key)
    if (flag === null) return []
    const shown = kind.show(fallback)
    const isTold = shown !== null && shown !== false && typeof shown !== 'object'
    return [[`--${flag}${kind.placeholder ? ` ${kind.placeholder}` : ''}`, isTold ? `${summary} (${shown})` : summary]]
  })
  return [...settings, ...options]
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)))
  return rows.map(([left, right]) => (left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`))
}
