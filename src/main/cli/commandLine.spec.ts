import { describe, expect, it } from 'vitest'
import type { AppError } from '../../shared/errors.ts'
import { parseCommandLine } from './commandLine.ts'
import { COMMAND_NAMES, COMMANDS } from './commandTable.ts'
import { helpText } from './help.ts'

function refusal(argv: string): string {
  try {
    parseCommandLine(argv.split(' ').map((word) => (word === "''" ? '' : word)))
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    return (error as AppError).message
  }
  throw new Error(`It was understood: ${argv}`)
}

describe('a command line', () => {
  it.each([
    ['list', { command: 'list', operands: [], rest: null, flags: {}, options: {} }],
    ['list --json', { command: 'list', options: { json: 'true' } }],
    ['--verbose list', { command: 'list', flags: { verbose: true } }],
    ['--log-format json list', { command: 'list', flags: { log_format: 'json' } }],
    ['--log-format=json list', { command: 'list', flags: { log_format: 'json' } }],
    ['start agent.py --budget $50', { command: 'start', operands: ['agent.py'], flags: { budget: '$50' } }],
    ['start --budget=50 agent.py', { operands: ['agent.py'], flags: { budget: '50' } }],
    ['start agent.py --budget -5', { flags: { budget: '-5' } }],
    ['start agent.py --budget=', { flags: { budget: '' } }],
    ['start start', { operands: ['start'] }],
    ['start -', { operands: ['-'] }],
    ['start a.py --variable A=1 --variable B=2', { flags: { variables: ['A=1', 'B=2'] } }],
    ['start a.py --verbose --verbose', { flags: { verbose: true } }],
    ['start a.py -- --leads 100 -- x', { operands: ['a.py'], rest: ['--leads', '100', '--', 'x'] }],
    ['start a.py --', { rest: [] }],
    ['logs lg-7a3f9c2d --follow --lines 5', { operands: ['lg-7a3f9c2d'], options: { follow: 'true', lines: '5' } }],
    ['config --explain', { command: 'config', operands: [] }],
    ['config --explain a.py --config x.toml', { operands: ['a.py'], options: { config: 'x.toml' } }],
    ['costs', { command: 'costs', operands: [], options: {} }],
    ['costs lg-7a3f9c2d --by hour --csv', { operands: ['lg-7a3f9c2d'], options: { group: 'hour', csv: 'true' } }],
    ['calls --limit 5', { command: 'calls', options: { limit: '5' } }],
    ['raise lg-7a3f9c2d --by $25 --reason more', { command: 'raise', options: { by: '$25', reason: 'more' } }],
    ['decline lg-7a3f9c2d --reason=enough', { command: 'decline', options: { reason: 'enough' } }],
    ['start a.py --simulated-failures cut@2 --simulated-failures time-out@3', { flags: { simulated_failures: ['cut@2', 'time-out@3'] } }],
    ['serve --port 0', { command: 'serve', flags: { port: '0' } }],
  ])('%s is understood', (argv, line) => {
    expect(parseCommandLine(argv.split(' '))).toMatchObject(line)
  })

  it.each([
    [[], { help: null }],
    [['--help'], { help: null }],
    [['-h'], { help: null }],
    [['help'], { help: null }],
    [['help', 'start'], { help: 'start' }],
    [['start', '--help'], { help: 'start' }],
    [['start', '-h'], { help: 'start' }],
    [['--version'], { version: true }],
  ])('%j asks for help or the version', (argv, asked) => {
    expect(parseCommandLine(argv)).toEqual(asked)
  })

  it.each([
    ['strat agent.py', 'There is no command "strat"; did you mean start?'],
    ['agent.py', 'There is no command "agent.py"; did you mean iron_cage start agent.py?'],
    ['xyzzy', 'There is no command "xyzzy"; known are start, serve, demo, list, status, stop, restart, logs, costs, calls, raise, decline, check, rules, findings, reveal, allow, disallow, audit, services, config, secrets, users, tokens, link, backup, doctor.'],
    ['--verbose', 'A command is missing; say one of start, serve, demo, list, status, stop, restart, logs, costs, calls, raise, decline, check, rules, findings, reveal, allow, disallow, audit, services, config, secrets, users, tokens, link, backup, doctor, or see iron_cage --help.'],
    ['start', 'iron_cage start needs a SCRIPT, such as agent.py.'],
    ['status', 'iron_cage status needs the ID of an agent, as iron_cage list shows it.'],
    ['start agent.py --bugdet 5', 'There is no flag --bugdet for iron_cage start; did you mean --budget?'],
    ['start agent.py --safetymode warn', 'There is no flag --safetymode for iron_cage start; did you mean --safety-mode?'],
    ['start agent.py --colour', 'There is no flag --colour for iron_cage start; see iron_cage start --help.'],
    ['start agent.py -x', 'There is no flag -x for iron_cage start; see iron_cage start --help.'],
    ['list --budget 5', 'There is no flag --budget for iron_cage list; see iron_cage list --help.'],
    ['start agent.py --port 5', 'There is no flag --port for iron_cage start; see iron_cage start --help.'],
    [
      'start agent.py --budget',
      '--budget needs a value: an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25.',
    ],
    ['start agent.py --env --verbose', '--env needs a value: one of development, staging or production.'],
    ['start agent.py --verbose=yes', '--verbose takes no value, but was given "yes".'],
    ['start agent.py --budget 5 --budget 6', '--budget is given twice; give it once.'],
    ['start agent.py --config a --config b', '--config is given twice; give it once.'],
    ['start agent.py --leads 100', 'There is no flag --leads for iron_cage start; see iron_cage start --help.'],
    ['start agent.py leads.csv', '"leads.csv" is one word too many; what is meant for the script comes after a --.'],
    ['status nope', '"nope" is no agent id such as lg-7a3f9c2d; iron_cage list shows them all.'],
    ['status a b', '"b" is one word too many for iron_cage status.'],
    ['list -- x', 'iron_cage list takes nothing after a --.'],
  ])('%s is refused', (argv, sentence) => {
    expect(refusal(argv)).toBe(sentence)
  })
})

describe('the help', () => {
  it('names every command', () => {
    for (const name of COMMAND_NAMES) expect(helpText(null)).toContain(`  ${name}`)
  })

  it.each(COMMAND_NAMES)('of %s fits a terminal and names its summary and flags', (name) => {
    const text = helpText(name)
    expect(text).toContain(COMMANDS[name].summary)
    expect(text).toContain('--log-format text|json')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140)
  })

  it('tells the default of a flag', () => {
    expect(helpText('start')).toMatch(/--budget DOLLARS +What the agent may spend, in dollars\. \(\$100\.00\)/)
    expect(helpText('serve')).toMatch(/--port N .*\(7317\)/)
  })
})
