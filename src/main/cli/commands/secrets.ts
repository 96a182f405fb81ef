import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CommandInput } from '../../../shared/contract/contract.ts'
import { Environment } from '../../../shared/domain/agent.ts'
import { SecretName, type SecretView } from '../../../shared/domain/secret.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatCount, formatMoment } from '../../../shared/format.ts'
import type { Connection } from '../connection.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { INTERRUPTED } from '../readPassword.ts'
import { decoded, readSecretValue, readText } from '../readSecret.ts'
import { table } from '../table.ts'
import { reasonIn } from './decisions.ts'
import { initKey, rekeySecrets } from './masterKey.ts'

type Client = Connection['client']

const ACTIONS: Readonly<Record<string, Command>> = {
  list: (context) =>
    withClient(context, async (client) => {
      const { line, screen } = context
      const { secrets: found } = await client.request('secret.list', { environment: environmentIn(context), deleted: line.options.deleted !== undefined })
      if (line.options.json) await screen.out(`${JSON.stringify(found, null, 2)}\n`)
      else if (found.length === 0) await screen.out('There are no secrets here; add one with: iron_cage secrets add NAME --env production\n')
      else await screen.out(table(['ID', 'NAME', 'ENVIRONMENT', 'VALUE', 'VERSION', 'CREATED', 'UPDATED'], found.map(rowOf)))
      return exitCode('done')
    }),

  add: async (context) => {
    const name = nameIn(context)
    const environment = environmentIn(context) ?? 'development'
    const { sealed, host } = context.line.options
    const hosts = host === undefined ? [] : host.split(',').map((one) => one.trim())
    const value = await valueFor(context, name)
    if (value === INTERRUPTED) return exitCode('interrupted')
    return withClient(context, async (client) => {
      const { id } = await client.request('secret.create', { name, environment, value, hosts, delivery: sealed === undefined ? 'value' : 'sealed' })
      await context.screen.out(`${name} is kept for ${environment} as ${id}\n`)
      return exitCode('done')
    })
  },

  get: (context) =>
    withOne(context, async (client, { id }) => {
      const { line, screen } = context
      const secret = await client.request('secret.get', { secretId: id, reveal: line.options.reveal !== undefined })
      if (line.options.json) await screen.out(`${JSON.stringify(secret, null, 2)}\n`)
      else await screen.out(secret.value.endsWith('\n') ? secret.value : `${secret.value}\n`)
    }),

  update: async (context) => {
    const value = await valueFor(context, operand(context, 1, 'the NAME of a secret'))
    if (value === INTERRUPTED) return exitCode('interrupted')
    return withOne(context, async (client, { id }) => {
      const { name, environment, version, agents } = await client.request('secret.update', { secretId: id, value, probe: context.line.options.probe !== undefined })
      await context.screen.out(`${name} in ${environment} has version ${version} now\n`)
      for (const { agentId, outcome } of agents) await context.screen.out(`${agentId}: ${outcome}\n`)
    })
  },

  delete: (context) =>
    withOne(context, async (client, { id, name, environment }) => {
      await client.request('secret.delete', { secretId: id })
      await context.screen.out(`${name} in ${environment} is deleted; for 30 days it comes back with: iron_cage secrets restore ${id}\n`)
    }),

  restore: (context) =>
    withOne(
      context,
      async (client, { id }) => {
        const { name, environment } = await client.request('secret.restore', { secretId: id })
        await context.screen.out(`${name} in ${environment} is back\n`)
      },
      true,
    ),

  versions: (context) =>
    withOne(context, async (client, { id }) => {
      const { versions } = await client.request('secret.versions', { secretId: id })
      const { line, screen } = context
      if (line.options.json) await screen.out(`${JSON.stringify(versions, null, 2)}\n`)
      else await screen.out(table(['VERSION', 'CREATED', 'BY', ''], versions.map((one) => [String(one.version), momentOf(one.created_at), one.actor, one.is_current ? 'current' : ''])))
    }),

  rollback: (context) => {
    const version = Number(operand(context, 2, 'a VERSION, as iron_cage secrets versions shows them'))
    if (!Number.isSafeInteger(version) || version < 1) throw new AppError('INVALID_INPUT', 'The VERSION has to be a number, as iron_cage secrets versions shows them.')
    return withOne(context, async (client, { id, name, environment }) => {
      const { version: now } = await client.request('secret.rollback', { secretId: id, version })
      await context.screen.out(`${name} in ${environment} has the value of version ${version} again, as version ${now}\n`)
    })
  },

  import: async (context) => {
    const path = operand(context, 1, 'a FILE to read, or - for standard input')
    const text = path === '-' ? await readText(context.stdin) : await textOfFile(resolve(context.callerFolder, path))
    const format = formatIn(context) ?? (/^\s*\{/.test(text) ? 'kv2' : 'env')
    const environment = environmentIn(context) ?? 'development'
    return withClient(context, async (client) => {
      const { created, updated, kept } = await client.request('secret.import', { environment, format, text, overwrite: context.line.options.overwrite !== undefined })
      const parts = [`${created.length} added`, `${updated.length} updated`, `${kept.length} kept as they were`]
      await context.screen.out(`${formatCount(created.length + updated.length + kept.length, 'secret')} for ${environment}: ${parts.join(', ')}\n`)
      if (kept.length > 0) context.screen.note(`Kept: ${kept.join(', ')}; --overwrite gives them the new values.`)
      return exitCode('done')
    })
  },

  export: (context) => {
    const reason = reasonIn(context)
    const environment = environmentIn(context)
    if (environment === undefined) throw new AppError('INVALID_INPUT', 'iron_cage secrets export needs --env ENVIRONMENT: whose secrets it is to give out.')
    return withClient(context, async (client) => {
      const { text } = await client.request('secret.export', { environment, format: formatIn(context) ?? 'env', reason })
      await context.screen.out(text)
      return exitCode('done')
    })
  },

  audit: (context) =>
    withClient(context, async (client) => {
      const { line, screen } = context
      const { entries } = await client.request('secret.audit', { secret_name: line.operands[1], limit: 100 })
      if (line.options.json) await screen.out(`${JSON.stringify(entries, null, 2)}\n`)
      else if (entries.length === 0) await screen.out('Nothing stands in the audit of secrets yet.\n')
      else {
        const rows = entries.map((one) => [momentOf(one.timestamp), one.operation, one.secret_name, one.requester_role, one.requester, one.success ? 'yes' : `no: ${one.error_message ?? ''}`])
        await screen.out(table(['TIME', 'OPERATION', 'SECRET', 'ROLE', 'BY', 'DONE'], rows))
      }
      return exitCode('done')
    }),

  init: initKey,
  rekey: rekeySecrets,
}

/** How many words follow an action, where it is not one. Those of `add` and `update` say themselves why there is none for the value. */
const WORDS: Readonly<Record<string, number>> = { list: 0, add: 2, update: 2, rollback: 2, export: 0, init: 0, rekey: 0 }

/** Keeps secrets for agents, encrypted. */
export const secrets: Command = async (context) => {
  const [what = ''] = context.line.operands
  const action = Object.hasOwn(ACTIONS, what) ? ACTIONS[what] : undefined
  const known = Object.keys(ACTIONS)
  if (!action) throw new AppError('INVALID_INPUT', `iron_cage secrets knows ${known.slice(0, -1).join(', ')} and ${known.at(-1)}, not "${what.slice(0, 60)}".`)
  // Passed over, `delete NAME 2` would delete all of it; repeated, what was meant as a key would be on the screen.
  if (context.line.operands.length > 1 + (WORDS[what] ?? 1)) throw new AppError('INVALID_INPUT', `There is one word too many for iron_cage secrets ${what} (not shown here); see iron_cage secrets --help.`)
  return action(context)
}

/** Does something with the secret that the operand names, by its id or by its name. */
function withOne(context: CommandContext, action: (client: Client, secret: SecretView) => Promise<void>, isDeleted = false): Promise<number> {
  const given = operand(context, 1, 'the NAME or the id of a secret')
  return withClient(context, async (client) => {
    await action(client, await findOne(context, client, given, isDeleted))
    return exitCode('done')
  })
}

async function findOne(context: CommandContext, client: Client, given: string, isDeleted: boolean): Promise<SecretView> {
  const environment = environmentIn(context)
  const { secrets: all } = await client.request('secret.list', { environment, deleted: isDeleted })
  const found = all.filter(({ id, name }) => id === given || name === given)
  const [only] = found
  if (only && found.length === 1) return only
  const which = isDeleted ? 'deleted secret' : 'secret'
  if (!only) throw new AppError('NOT_FOUND', `There is no ${which} ${JSON.stringify(given.slice(0, 128))}${environment ? ` in ${environment}` : ''}; iron_cage secrets list shows them all.`)
  const ways = isDeleted ? 'its id, as iron_cage secrets list --deleted shows it' : `--env ${found.map((one) => one.environment).join('|')}`
  throw new AppError('INVALID_INPUT', `There are ${found.length} ${which}s ${given}; say which with ${ways}.`)
}

function valueFor(context: CommandContext, name: string): Promise<string | typeof INTERRUPTED> {
  const [, , extra] = context.line.operands
  if (extra !== undefined) throw new AppError('INVALID_INPUT', 'A value never stands on the command line, where others can read it: send it on standard input, or type it at the prompt.')
  return readSecretValue(context, name)
}

function operand({ line }: CommandContext, place: number, what: string): string {
  const given = line.operands[place]
  if (given !== undefined) return given
  throw new AppError('INVALID_INPUT', `iron_cage secrets ${line.operands[0] ?? ''} needs ${what}.`)
}

function nameIn(context: CommandContext): string {
  const name = SecretName.safeParse(operand(context, 1, 'the NAME of a secret'))
  if (name.success) return name.data
  throw new AppError('INVALID_INPUT', `The name of the secret does not fit: ${name.error.issues[0]?.message ?? 'another one is needed'}.`)
}

function environmentIn({ line }: CommandContext): Environment | undefined {
  const { env } = line.flags
  if (env === undefined) return undefined
  const environment = Environment.safeParse(env)
  if (environment.success) return environment.data
  throw new AppError('INVALID_INPUT', `--env is ${JSON.stringify(env)}, but must be one of ${Environment.options.join(', ')}.`)
}

function formatIn({ line }: CommandContext): CommandInput<'secret.import'>['format'] | undefined {
  const { format } = line.options
  if (format === undefined || format === 'env' || format === 'kv2') return format
  throw new AppError('INVALID_INPUT', `--format is ${JSON.stringify(format)}, but must be env or kv2.`)
}

async function textOfFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((problem: NodeJS.ErrnoException) => {
    throw new AppError('INVALID_INPUT', `The file ${path} cannot be read (${problem.code}).`)
  })
  return decoded(bytes)
}

function rowOf({ id, name, environment, value, version, created_at, updated_at }: SecretView): string[] {
  return [id, name, environment, value, String(version), momentOf(created_at), momentOf(updated_at)]
}

function momentOf(iso: string): string {
  return formatMoment(Date.parse(iso))
}
