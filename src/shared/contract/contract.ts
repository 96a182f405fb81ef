import type { z } from 'zod'
import { accountCommands } from './accounts.ts'
import { agentCommands } from './agents.ts'
import { alertCommands } from './alerts.ts'
import { budgetCommands } from './budget.ts'
import { checkpointCommands } from './checkpoints.ts'
import { costCommands } from './costs.ts'
import { demoCommands, demoStreams } from './demo.ts'
import { eventCommands, eventStreams } from './events.ts'
import { gatewayCommands } from './gateway.ts'
import { keyCommands } from './keys.ts'
import { launchCommands } from './launch.ts'
import { metricsCommands } from './metrics.ts'
import { priceCommands } from './prices.ts'
import { protectionCommands } from './protection.ts'
import { reportCommands } from './reports.ts'
import { roomCommands } from './room.ts'
import { safetyCommands } from './safety.ts'
import { secretCommands } from './secrets.ts'
import { serviceCommands } from './services.ts'
import { settingsCommands } from './settings.ts'
import { stageCommands } from './stage.ts'
import { terminalCommands, terminalStreams } from './terminal.ts'

/** Everything that can be asked of the room, by every door. */
export const commands = {
  ...accountCommands,
  ...agentCommands,
  ...alertCommands,
  ...budgetCommands,
  ...checkpointCommands,
  ...costCommands,
  ...demoCommands,
  ...eventCommands,
  ...gatewayCommands,
  ...keyCommands,
  ...launchCommands,
  ...metricsCommands,
  ...priceCommands,
  ...protectionCommands,
  ...reportCommands,
  ...roomCommands,
  ...safetyCommands,
  ...secretCommands,
  ...serviceCommands,
  ...settingsCommands,
  ...stageCommands,
  ...terminalCommands,
}

/** Everything that can be followed. */
export const streams = { ...demoStreams, ...eventStreams, ...terminalStreams }

export type CommandName = keyof typeof commands
/** What a caller writes: defaults may be left out. */
export type CommandInput<N extends CommandName> = z.input<(typeof commands)[N]['input']>
/** What a handler reads: defaults are filled in. */
export type ParsedInput<N extends CommandName> = z.output<(typeof commands)[N]['input']>
export type CommandOutput<N extends CommandName> = z.output<(typeof commands)[N]['output']>

export type StreamName = keyof typeof streams
export type StreamInput<N extends StreamName> = z.input<(typeof streams)[N]['input']>
export type ParsedStreamInput<N extends StreamName> = z.output<(typeof streams)[N]['input']>
export type StreamItem<N extends StreamName> = z.output<(typeof streams)[N]['item']>
