import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import type { Access } from '../controlRoom.ts'
import type { Clock, Random } from '../ports.ts'
import { isSameSecret } from '../sameSecret.ts'
import { readOwnerToken } from './ownerToken.ts'
import { createSessionTokens, SESSION_SECONDS } from './sessionTokens.ts'
import { createSignInCodes } from './signInCodes.ts'

const OWNER: Caller = { role: 'admin', id: 'owner' }

export interface AccessOptions {
  readonly dataFolder: string
  readonly clock: Clock
  readonly random: Random
  /** The agent whose run carries this token, while it runs. */
  readonly agentIdOfRunToken: (token: string) => AgentId | null
  /** Told when something was open that had to be closed. */
  readonly onWarning?: (sentence: string) => void
}

export async function createAccess(options: AccessOptions): Promise<Access> {
  const ownerToken = await readOwnerToken(options.dataFolder, options.random, options.onWarning ?? (() => {}))
  const sessions = createSessionTokens(ownerToken, options)
  const codes = createSignInCodes(options)

  return {
    fromBearer(token) {
      if (isSameSecret(token, ownerToken)) return OWNER
      const agentId = options.agentIdOfRunToken(token)
      return agentId === null ? null : { role: 'agent', id: agentId }
    },

    fromSession: (session) => sessions.verify(session),

    createCode: () => codes.create(OWNER),

    async redeemCode(code) {
      const caller = codes.redeem(code)
      return caller && { session: await sessions.sign(caller), maxAgeSeconds: SESSION_SECONDS }
    },
  }
}
