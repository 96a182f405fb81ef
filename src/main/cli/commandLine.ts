import { AgentId } from '../../shared/domain/agent.ts'
import { AppError } from '../../shared/errors.ts'
import type { FlagValues } from '../configuration/layers.ts'
import { nearest } from '../configuration/nearest.ts'
import { kindOfScript } from '../configuration/scriptFile.ts'
import { settingOf, type SettingKey } from '../configuration/settings.ts'
import { COMMAND_NAMES, COMMANDS, flagOf, OPTIONS, type CommandName, type CommandSpec, type OptionName } from './commandTable.ts'

export interface CommandLine {
  readonly command: CommandName
  readonly operands: readonly string[]
  /** What follows a --. */
  readonly rest: readonly string[] | null
  readonly flags: FlagValues
  readonly options: { readonly [K in OptionName]?: string }
}

/** What was asked for instead of a command. */
export type Asked = CommandLine | { readonly help: CommandName | null } | { readonly version: true }

interface KnownFlag {
  readonly takes: 'nothing' | 'one' | 'many'
  readonly allowed: string
  put(value: string | true): void
}

export function parseCommandLine(argv: readonly string[]): Asked {
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  const rest = end < 0 ? null : argv.slice(end + 1)
  const { command, before } = findCommand(words)
  if (before.includes('help')) return { help: command }
  if (command === null) {
    if (before.includes('--version')) return { version: true }
    if (before.length === 0 || before.includes('--help') || before.includes('-h')) return { help: null }
    throw refused(`A command is missing; say one of ${COMMAND_NAMES.join(', ')}, or see iron_cage --help.`)
  }
  const line = parseFor(command, words, rest)
  if (line.options.help !== undefined) return { help: command }
  return line
}

/** The first word that is no flag, or the one after `help`. Before it stand only flags that every command knows. */
function findCommand(words: readonly string[]): { command: CommandName | null; before: string[] } {
  const before: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word.startsWith('-')) {
      before.push(word)
      // `--log-format json list`: the value is no command.
      if (word === '--log-format' || word === '--log-level') index += 1
      continue
    }
    if (word === 'help') return { command: commandNamed(words[index + 1]), before: ['help'] }
    const command = commandNamed(word)
    if (command !== null) return { command, before }
    throw unknownCommand(word)
  }
  return { command: null, before }
}

function commandNamed(word: string | undefined): CommandName | null {
  return COMMAND_NAMES.find((name) => name === word) ?? null
}

function unknownCommand(word: string): AppError {
  const meant = nearest(word, COMMAND_NAMES)
  if (meant) return refused(`There is no command "${word.slice(0, 60)}"; did you mean ${meant}?`)
  if (kindOfScript(word) !== 'executable') return refused(`There is no command "${word.slice(0, 60)}"; did you mean iron_cage start ${word.slice(0, 60)}?`)
  return refused(`There is no command "${word.slice(0, 60)}"; known are ${COMMAND_NAMES.join(', ')}.`)
}

function parseFor(command: CommandName, words: readonly string[], rest: readonly string[] | null): CommandLine {
  const spec: CommandSpec = COMMANDS[command]
  const flags: { [K in SettingKey]?: string | string[] | boolean } = {}
  const options: { [K in OptionName]?: string } = {}
  const known = knownFlags(spec, flags, options)
  const operands: string[] = []
  let hasCommand = false
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (!isFlag(word)) {
      if (hasCommand || word !== command) operands.push(word)
      else hasCommand = true
      continue
    }
    const { name, flag, value } = findFlag(word, known, command)
    if (flag.takes === 'nothing') {
      if (value !== null) throw refused(`--${name} takes no value, but was given "${value.slice(0, 60)}".`)
      flag.put(true)
    } else {
      // Whatever follows is the value, so that --budget -5 is refused as what it is.
      const next = value ?? words[++index]
      if (next === undefined || (value === null && next.startsWith('--'))) throw refused(`--${name} needs a value: ${flag.allowed}.`)
      flag.put(next)
    }
  }
  checkOperands(command, spec, operands, options.help !== undefined)
  if (rest !== null && !spec.takesRest) throw refused(`iron_cage ${command} takes nothing after a --.`)
  return { command, operands, rest, flags, options }
}

function isFlag(word: string): boolean {
  return word.startsWith('-') && word !== '-'
}

function knownFlags(
  spec: CommandSpec,
  flags: { [K in SettingKey]?: string | string[] | boolean },
  options: { [K in OptionName]?: string },
): Map<string, KnownFlag> {
  const known = new Map<string, KnownFlag>()
  for (const key of spec.settings) {
    const { flag, kind } = settingOf(key)
    if (flag === null) continue
    known.set(flag, {
      takes: kind.flagTakes,
      allowed: kind.allowed,
      put(value) {
        const before = flags[key]
        if (kind.flagTakes === 'many') flags[key] = [...((before as string[] | undefined) ?? []), String(value)]
        else if (before === undefined || value === true) flags[key] = value
        else throw refused(`--${flag} is given twice; give it once.`)
      },
    })
  }
  for (const name of spec.options) {
    const flag = flagOf(name)
    known.set(flag, {
      takes: OPTIONS[name].takes,
      allowed: OPTIONS[name].summary.replace(/\.$/, ''),
      put(value) {
        if (value !== true && options[name] !== undefined) throw refused(`--${flag} is given twice; give it once.`)
        options[name] = String(value)
      },
    })
  }
  return known
}

function findFlag(word: string, known: Map<string, KnownFlag>, command: CommandName): { name: string; flag: KnownFlag; value: string | null } {
  const equals = word.indexOf('=')
  const given = equals < 0 ? word : word.slice(0, equals)
  const value = equals < 0 ? null : word.slice(equals + 1)
  const name = given === '-h' ? 'help' : given.replace(/^--/, '')
  const flag = known.get(name)
  if (flag) return { name, flag, value }
  const meant = nearest(given.replace(/^-+/, ''), [...known.keys()])
  const help = meant ? `did you mean --${meant}?` : `see iron_cage ${command} --help.`
  throw refused(`There is no flag ${given.slice(0, 60)} for iron_cage ${command}; ${help}`)
}

function checkOperands(command: CommandName, spec: CommandSpec, operands: readonly string[], isHelp: boolean): void {
  const needed = spec.operands.filter((name) => !name.startsWith('['))
  const missing = needed[operands.length]
  if (missing && !isHelp) throw refused(`iron_cage ${command} needs ${OPERAND_WORDS[missing] ?? missing}.`)
  const extra = operands[spec.operands.length]
  if (extra === undefined) {
    checkId(spec, operands[0])
    return
  }
  if (spec.takesRest) throw refused(`"${extra.slice(0, 60)}" is one word too many; what is meant for the script comes after a --.`)
  throw refused(`"${extra.slice(0, 60)}" is one word too many for iron_cage ${command}.`)
}

const OPERAND_WORDS: Readonly<Record<string, string>> = {
  ID: 'the ID of an agent, as iron_cage list shows it',
  SCRIPT: 'a SCRIPT, such as agent.py',
  FOLDER: 'a FOLDER that is new or empty',
  TEXT: 'a TEXT, or - for standard input',
  FINDING: 'the id of a FINDING, as iron_cage findings shows it',
  ALLOWANCE: 'the id of an ALLOWANCE, as iron_cage allow shows it',
  'verify|export': 'to be told what to do: verify or export',
  'list|add|get|update|…': 'to be told what to do: list, add, get, update, delete, restore, versions, rollback, import, export, audit, init or rekey',
  'add|list|remove|passwd': 'to be told what to do: add, list, remove or passwd',
  'create|list|revoke': 'to be told what to do: create, list or revoke',
}

function checkId(spec: CommandSpec, id: string | undefined): void {
  if (!['ID', '[ID]'].includes(spec.operands[0] ?? '') || id === undefined || AgentId.safeParse(id).success) return
  throw refused(`"${id.slice(0, 60)}" is no agent id such as lg-7a3f9c2d; iron_cage list shows them all.`)
}

function refused(message: string): AppError {
  return new AppError('INVALID_INPUT', message)
}
