import { text as readText } from 'node:stream/consumers'
import type { CommandOutput } from '../../../shared/contract/contract.ts'
import { PRIVATE_TYPES, type EffectiveRules } from '../../../shared/domain/safety.ts'
import { Direction, NO_RULES, PrivateType, type SafetyRules } from '../../../shared/domain/safetyRules.ts'
import { AppError } from '../../../shared/errors.ts'
import { flagLayer } from '../../configuration/layers.ts'
import type { SettingKey } from '../../configuration/settings.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { table } from '../table.ts'

/** What would be found in a text; nothing is recorded. */
export const check: Command = (context) =>
  withClient(context, async (client) => {
    const [given = ''] = context.line.operands
    const text = given === '-' ? await readText(context.stdin) : given
    const answer = await client.request('safety.check', { text })
    await context.screen.out(context.line.options.json ? `${JSON.stringify(answer, null, 2)}\n` : checked(text, answer))
    return exitCode('done')
  })

function checked(text: string, { redacted, findings, injections }: CommandOutput<'safety.check'>): string {
  const found = findings.map(({ type, risk, start, end }) => [`${start}-${end}`, type, risk, PRIVATE_TYPES[type].marker])
  const orders = injections.map(({ rule, start, end }) => [`${start}-${end}`, 'injection', '', rule])
  const rows = [...found, ...orders]
  const list = rows.length === 0 ? 'Nothing private was found.\n' : table(['PLACE', 'TYPE', 'RISK', 'BECOMES'], rows)
  return `${redacted}${text.endsWith('\n') ? '' : '\n'}\n${list}`
}

/** Shows the rules, or lays others over them. */
export const rules: Command = (context) =>
  withClient(context, async (client) => {
    const [agentId = null] = context.line.operands
    const changes = changesIn(context)
    if (changes) {
      const before = agentId === null ? (await client.request('safety.list', {})).room : (await client.request('safety.status', { agentId })).override
      await client.request('safety.setRules', { agentId, rules: context.line.options.reset ? NO_RULES : laidOver(before, changes) })
    }
    if (agentId === null) {
      const { room, agents } = await client.request('safety.list', {})
      if (context.line.options.json) await context.screen.out(`${JSON.stringify({ room, agents }, null, 2)}\n`)
      else await context.screen.out(describeRoom(room, agents))
    } else {
      const status = await client.request('safety.status', { agentId })
      await context.screen.out(context.line.options.json ? `${JSON.stringify(status, null, 2)}\n` : describeRules(status.rules))
    }
    return exitCode('done')
  })

const RULE_KEYS = ['safety_mode', 'safety_types', 'safety_directions', 'unauthorised', 'injection'] as const satisfies readonly SettingKey[]

function changesIn({ line }: CommandContext): Partial<SafetyRules> | null {
  const given = RULE_KEYS.filter((key) => line.flags[key] !== undefined)
  if (line.options.reset) {
    if (given.length > 0) throw new AppError('INVALID_INPUT', '--reset takes back what was said; say it without other rules.')
    return {}
  }
  if (given.length === 0) return null
  const { said } = flagLayer(line.flags)
  const value = (key: SettingKey): never => said.get(key)?.value as never
  const [mode, types, directions, unauthorised, injection] = RULE_KEYS.map(value)
  return { mode, types, directions, unauthorised, injection }
}

function laidOver(before: SafetyRules, { mode, types, directions, unauthorised, injection }: Partial<SafetyRules>): SafetyRules {
  return {
    mode: mode ?? before.mode,
    types: { ...before.types, ...types },
    directions: { ...before.directions, ...directions },
    unauthorised: unauthorised ?? before.unauthorised,
    injection: injection ?? before.injection,
  }
}

function describeRules({ cells, unauthorised, injection }: EffectiveRules): string {
  const rows = PrivateType.options.map((type) => [type, ...Direction.options.map((direction) => cells[type][direction])])
  return `${table(['TYPE', ...Direction.options.map((name) => name.toUpperCase())], rows)}\nunauthorised actions: ${unauthorised}\nprompt injection: ${injection}\n`
}

function describeRoom(room: SafetyRules, agents: CommandOutput<'safety.list'>['agents']): string {
  const parts = [
    room.mode === null ? [] : [room.mode],
    Object.entries(room.types).map(([type, mode]) => `${type} ${mode}`),
    Object.entries(room.directions).map(([direction, mode]) => `${direction} ${mode}`),
    room.unauthorised === null ? [] : [`unauthorised actions ${room.unauthorised}`],
    room.injection === null ? [] : [`prompt injection ${room.injection}`],
  ].flat()
  const whole = parts.length === 0 ? 'Nothing is said for the whole room: each agent has the rules that it was started with.\n' : `For the whole room: ${parts.join(', ')}.\n`
  const rows = agents.map(({ agentId, rules: { mode, unauthorised, injection }, counts }) => [agentId, mode, unauthorised, injection, String(counts.found)])
  return rows.length === 0 ? whole : `${whole}\n${table(['AGENT', 'PRIVATE DATA', 'UNAUTHORISED', 'INJECTION', 'FOUND'], rows)}`
}
