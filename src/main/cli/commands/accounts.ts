import { ApiToken, TokenId, User, UserName } from '../../../shared/contract/accounts.ts'
import { AgentId } from '../../../shared/domain/agent.ts'
import { AppError, type ErrorCode } from '../../../shared/errors.ts'
import { formatMoment } from '../../../shared/format.ts'
import { findInstance } from '../../state/ownership.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { INTERRUPTED, readNewPassword, readPasswordChange } from '../readPassword.ts'
import { table } from '../table.ts'

type Actions = Readonly<Record<string, Command>>

function oneOf(actions: Actions): Command {
  return async (context) => {
    const [what = ''] = context.line.operands
    const action = Object.hasOwn(actions, what) ? actions[what] : undefined
    const known = Object.keys(actions)
    if (action) return action(context)
    throw new AppError('INVALID_INPUT', `iron_cage ${context.line.command} knows ${known.slice(0, -1).join(', ')} and ${known.at(-1)}, not "${what.slice(0, 60)}".`)
  }
}

/** Who may sign in with name and password. */
export const users: Command = oneOf({
  add: async (context) => {
    const name = nameIn(context)
    const role = roleIn(context, User.shape.role.options)
    const password = await readNewPassword(context, name)
    if (password === INTERRUPTED) return exitCode('interrupted')
    return withClient(context, async (client) => {
      await client.request('user.add', { name, role, password })
      await context.screen.out(`${name} may sign in as ${role}\n`)
      return exitCode('done')
    })
  },

  list: (context) => {
    refuseOperand(context)
    return withClient(context, async (client) => {
      const { users: found } = await client.request('user.list', {})
      const { line, screen } = context
      const rows = found.map(({ name, role, createdAt, lastSeenAt }) => [name, role, formatMoment(createdAt), momentOrNever(lastSeenAt)])
      if (line.options.json) await screen.out(`${JSON.stringify(found, null, 2)}\n`)
      else if (rows.length === 0) await screen.out('Nobody has a password yet; add somebody with: iron_cage users add NAME --role viewer\n')
      else await screen.out(table(['NAME', 'ROLE', 'SINCE', 'LAST SEEN'], rows))
      return exitCode('done')
    })
  },

  remove: (context) => {
    const name = nameIn(context)
    return withClient(context, async (client) => {
      await client.request('user.remove', { name })
      await context.screen.out(`${name} may no longer sign in, and is signed out everywhere\n`)
      return exitCode('done')
    })
  },

  passwd: async (context) => {
    const name = nameIn(context)
    if (context.line.options.own !== undefined) return changeOwn(context, name)
    const password = await readNewPassword(context, name)
    if (password === INTERRUPTED) return exitCode('interrupted')
    return withClient(context, async (client) => {
      await client.request('user.setPassword', { name, password })
      await context.screen.out(`${name} has another password, and is signed out everywhere\n`)
      return exitCode('done')
    })
  },
})

/** What opens the API for programs. */
export const tokens: Command = oneOf({
  create: (context) => {
    refuseOperand(context)
    const role = roleIn(context, ApiToken.shape.role.options)
    const agentId = agentIn(context)
    if (role === 'agent' && agentId === null) throw new AppError('INVALID_INPUT', 'A token of the role agent needs --agent ID: it speaks for one agent.')
    if (role !== 'agent' && agentId !== null) throw new AppError('INVALID_INPUT', `--agent is for tokens of the role agent, not ${role}.`)
    const label = context.line.options.label ?? (agentId === null ? role : `${role} ${agentId}`)
    return withClient(context, async (client) => {
      const { id, token } = await client.request('token.create', { label, role, agentId })
      context.screen.note(`${id} opens the API as ${agentId === null ? role : `${agentId}, while that runs`}; this is shown once:`)
      await context.screen.out(`${token}\n`)
      return exitCode('done')
    })
  },

  list: (context) => {
    refuseOperand(context)
    return withClient(context, async (client) => {
      const { tokens: found } = await client.request('token.list', {})
      const { line, screen } = context
      const rows = found.map((one) => [one.id, one.role, one.agentId ?? '-', formatMoment(one.createdAt), momentOrNever(one.lastUsedAt), one.label])
      if (line.options.json) await screen.out(`${JSON.stringify(found, null, 2)}\n`)
      else if (rows.length === 0) await screen.out('There is no API token yet; make one with: iron_cage tokens create --role viewer\n')
      else await screen.out(table(['ID', 'ROLE', 'AGENT', 'SINCE', 'LAST USED', 'LABEL'], rows))
      return exitCode('done')
    })
  },

  revoke: (context) => {
    const [, given] = context.line.operands
    const tokenId = TokenId.safeParse(given)
    if (!tokenId.success) throw new AppError('INVALID_INPUT', `iron_cage tokens revoke needs an id such as token-7a3f9c2d01b2; iron_cage tokens list shows them.`)
    return withClient(context, async (client) => {
      await client.request('token.revoke', { tokenId: tokenId.data })
      await context.screen.out(`${tokenId.data} opens nothing any more\n`)
      return exitCode('done')
    })
  },
})

/** As the user, and not as the owner of the machine: the password that holds is what opens the door. */
async function changeOwn(context: CommandContext, name: string): Promise<number> {
  const url = findInstance(context.dataFolder)?.url
  if (url === undefined || url === null) throw new AppError('UNAVAILABLE', 'No control room runs here; one has to for iron_cage users passwd --own. Start it with: iron_cage serve')
  const given = await readPasswordChange(context, name)
  if (given === INTERRUPTED) return exitCode('interrupted')
  const { token } = (await ask(url, 'POST', '/api/auth/login', { username: name, password: given.current })) as { token: string }
  await ask(url, 'PUT', '/api/account/password', given, token)
  await context.screen.out(`${name} has another password, and is signed out everywhere\n`)
  return exitCode('done')
}

async function ask(url: string, method: string, path: string, body: object, token: string | null = null): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) }
  const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body), redirect: 'error' }).catch(() => {
    throw new AppError('UNAVAILABLE', `The control room at ${url} does not answer.`)
  })
  const parsed = (await answer.json()) as { error?: { code: ErrorCode; message: string } }
  if (parsed.error) throw new AppError(parsed.error.code, parsed.error.message)
  return parsed
}

function nameIn({ line }: CommandContext): string {
  const [what, given] = line.operands
  if (given === undefined) throw new AppError('INVALID_INPUT', `iron_cage users ${what} needs a NAME.`)
  const name = UserName.safeParse(given)
  if (name.success) return name.data
  throw new AppError('INVALID_INPUT', `${JSON.stringify(given.slice(0, 60))} is no name of a user: ${name.error.issues[0]?.message}.`)
}

function roleIn<R extends string>({ line }: CommandContext, allowed: readonly R[]): R {
  const given = line.options.role
  const role = allowed.find((one) => one === given)
  if (role !== undefined) return role
  const choices = allowed.join(', ')
  if (given === undefined) throw new AppError('INVALID_INPUT', `iron_cage ${line.command} ${line.operands[0]} needs --role ROLE, one of ${choices}.`)
  throw new AppError('INVALID_INPUT', `--role is ${JSON.stringify(given.slice(0, 60))}, but must be one of ${choices}.`)
}

function agentIn({ line }: CommandContext): AgentId | null {
  const given = line.options.agent
  if (given === undefined) return null
  const id = AgentId.safeParse(given)
  if (id.success) return id.data
  throw new AppError('INVALID_INPUT', `--agent is ${JSON.stringify(given.slice(0, 60))}, but must be an agent id such as lg-7a3f9c2d; iron_cage list shows them.`)
}

function refuseOperand({ line }: CommandContext): void {
  const [what, extra] = line.operands
  if (extra !== undefined) throw new AppError('INVALID_INPUT', `"${extra.slice(0, 60)}" is one word too many for iron_cage ${line.command} ${what}.`)
}

function momentOrNever(at: number | null): string {
  return at === null ? 'never' : formatMoment(at)
}
