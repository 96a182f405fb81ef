import type { Caller } from '../../shared/domain/roles.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { Log } from '../telemetry/log.ts'
import type { Accounts } from './accounts.ts'
import { actorOf } from './actorOf.ts'
import type { ApiTokens } from './apiTokens.ts'

export interface AccountHandlerOptions {
  readonly accounts: Accounts
  readonly apiTokens: ApiTokens
  readonly log: Log
}

type AccountCommand = Extract<keyof CommandHandlers, `user.${string}` | `token.${string}`>

/** Who let whom in stands in the log, with names and ids alone. */
export function accountHandlers({ accounts, apiTokens, log }: AccountHandlerOptions): Pick<CommandHandlers, AccountCommand> {
  const note = (event: string, msg: string, caller: Caller): void => log.write({ level: 'INFO', event: `access.${event}`, msg: `${msg}, by ${actorOf(caller)}.` })

  return {
    'user.list': async () => ({ users: await accounts.list() }),
    'user.add': async (input, caller) => {
      const user = await accounts.add(input)
      note('userAdded', `${user.name} may sign in as ${user.role}`, caller)
      return user
    },
    'user.remove': async ({ name }, caller) => {
      await accounts.remove(name)
      note('userRemoved', `${name} may no longer sign in`, caller)
      return {}
    },
    'user.setPassword': async ({ name, password }, caller) => {
      await accounts.setPassword(name, password)
      note('passwordChanged', `${name} has another password`, caller)
      return {}
    },
    'user.changeOwnPassword': async ({ current, password }, caller) => {
      await accounts.changePassword(caller.id, current, password)
      note('passwordChanged', `${caller.id} has another password`, caller)
      return {}
    },
    'token.list': async () => ({ tokens: await apiTokens.list() }),
    'token.create': async (input, caller) => {
      const made = await apiTokens.create(input)
      note('tokenCreated', `${made.id} opens the API as ${made.role}${made.agentId === null ? '' : ` ${made.agentId}`}`, caller)
      return made
    },
    'token.revoke': async ({ tokenId }, caller) => {
      await apiTokens.revoke(tokenId)
      note('tokenRevoked', `${tokenId} opens nothing any more`, caller)
      return {}
    },
  }
}
