import { AppError } from '../../shared/errors.ts'
import { findApplication } from '../application.ts'
import { dataFolder as findDataFolder } from '../configuration/dataFolder.ts'
import { createLaunchPlanner } from '../configuration/launchPlanner.ts'
import { systemClock } from '../systemPorts.ts'
import { findCallerFolder } from './callerFolder.ts'
import { parseCommandLine, type CommandLine } from './commandLine.ts'
import type { CommandName } from './commandTable.ts'
import type { Command } from './context.ts'
import { exitCode, exitCodeOfError } from './exitCodes.ts'
import { helpText } from './help.ts'
import { catchInterruptions, type Interruptions } from './interruptions.ts'
import { createNotes } from './notes.ts'
import { Interrupted } from './readPassword.ts'
import { createScreen, type Screen } from './terminalText.ts'

/** Loaded when asked for: help and refusals do not wait for the whole room to be read. */
const COMMANDS: Record<CommandName, () => Promise<Command>> = {
  start: async () => (await import('./commands/start.ts')).start,
  serve: async () => (await import('./commands/serve.ts')).serve,
  demo: async () => (await import('./commands/demo.ts')).demo,
  list: async () => (await import('./commands/agents.ts')).list,
  status: async () => (await import('./commands/agents.ts')).status,
  stop: async () => (await import('./commands/agents.ts')).stop,
  restart: async () => (await import('./commands/agents.ts')).restart,
  logs: async () => (await import('./commands/logs.ts')).logs,
  costs: async () => (await import('./commands/costs.ts')).costs,
  calls: async () => (await import('./commands/costs.ts')).calls,
  raise: async () => (await import('./commands/decisions.ts')).raise,
  decline: async () => (await import('./commands/decisions.ts')).decline,
  check: async () => (await import('./commands/safety.ts')).check,
  rules: async () => (await import('./commands/safety.ts')).rules,
  findings: async () => (await import('./commands/findings.ts')).findings,
  reveal: async () => (await import('./commands/findings.ts')).reveal,
  allow: async () => (await import('./commands/allowances.ts')).allow,
  disallow: async () => (await import('./commands/allowances.ts')).disallow,
  audit: async () => (await import('./commands/audit.ts')).audit,
  services: async () => (await import('./commands/services.ts')).services,
  config: async () => (await import('./commands/config.ts')).config,
  secrets: async () => (await import('./commands/secrets.ts')).secrets,
  users: async () => (await import('./commands/accounts.ts')).users,
  tokens: async () => (await import('./commands/accounts.ts')).tokens,
  link: async () => (await import('./commands/agents.ts')).link,
  backup: async () => (await import('./commands/backup.ts')).backup,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
}

export interface Invocation {
  readonly argv: readonly string[]
  readonly process: Pick<NodeJS.Process, 'env' | 'platform' | 'stdin' | 'stdout' | 'stderr' | 'cwd' | 'on' | 'off'>
}

/** Runs one command line; gives the exit code, when everything has been written. */
export async function runCommandLine({ argv, process }: Invocation): Promise<number> {
  const screen = createScreen({ stdout: process.stdout, stderr: process.stderr, environment: process.env })
  const code = await run(argv, process, screen).catch(async (problem: unknown) => {
    if (problem instanceof Interrupted) return exitCode('interrupted')
    screen.note(`iron_cage: ${problem instanceof AppError ? problem.message : await tellOfDefect(problem, process.env)}`)
    return exitCodeOfError(problem)
  })
  await screen.flush()
  return code
}

async function run(argv: readonly string[], process: Invocation['process'], screen: Screen): Promise<number> {
  const asked = parseCommandLine(argv)
  if ('help' in asked) {
    await screen.out(helpText(asked.help))
    return argv.length === 0 ? exitCode('refused') : exitCode('done')
  }
  if ('version' in asked) {
    await screen.out(`iron_cage ${findApplication().version}\n`)
    return exitCode('done')
  }
  return runCommand(asked, process, screen)
}

async function runCommand(line: CommandLine, process: Invocation['process'], screen: Screen): Promise<number> {
  const { env: environment, platform, stdin } = process
  const callerFolder = findCallerFolder(environment, process.cwd())
  const dataFolder = findDataFolder(environment, platform, callerFolder)
  const planner = createLaunchPlanner({ environment, dataFolder, platform, callerFolder })
  const settings = await planner.room(line.flags)
  const notes = createNotes({ screen, format: settings.values.log_format, least: settings.leastSeverity, clock: systemClock })
  let interruptions: Interruptions | null = null
  const command = await COMMANDS[line.command]()
  return command({
    line,
    environment,
    callerFolder,
    platform,
    dataFolder,
    planner,
    settings,
    screen,
    notes,
    stdin,
    interruptions: () => (interruptions ??= catchInterruptions(process, systemClock)),
  })
}

/** It asks to be handed on, so nothing private stands in it. */
async function tellOfDefect(problem: unknown, environment: NodeJS.ProcessEnv): Promise<string> {
  const detail = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)
  const { describeDefect } = await import('../safety/defects.ts')
  return `something that was not foreseen went wrong; please report it.\n${describeDefect(detail, environment)}`
}
