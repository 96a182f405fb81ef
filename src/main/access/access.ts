import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import type { Access } from '../controlRoom.ts'
import type { Clock, Random } from '../ports.ts'
import { isSameSecret } from '../sameSecret.ts'
import type { RevokedSessions } from '../state/repositories.ts'
import type { Accounts } from './accounts.ts'
import type { ApiTokens } from './apiTokens.ts'
import type { Endings } from './endings.ts'
import { OWNER } from './owner.ts'
import { readOwnerToken } from './ownerToken.ts'
import { createSessionTokens, SESSION_SECONDS, type SessionUse } from './sessionTokens.ts'
import { createSignInCodes } from './signInCodes.ts'

export interface AccessOptions {
  readonly dataFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly accounts: Accounts
  readonly apiTokens: ApiTokens
  readonly revokedSessions: RevokedSessions
  readonly endings: Endings
  /** The agent whose run carries this token, while it runs. */
  readonly agentIdOfRunToken: (token: string) => AgentId | null
  /** Told when something was open that had to be closed. */
  readonly onWarning?: (sentence: string) => void
}

export async function createAccess(options: AccessOptions): Promise<Access> {
  const { accounts, apiTokens, revokedSessions, endings, clock } = options
  const ownerToken = await readOwnerToken(options.dataFolder, options.random, options.onWarning ?? (() => {}))
  const sessions = createSessionTokens(ownerToken, options)
  const codes = createSignInCodes(options)
  await revokedSessions.forgetExpired(clock.now())

  async function callerOf(text: string, use: SessionUse): Promise<Caller | null> {
    const session = await sessions.verify(text, use)
    if (session === null || (await revokedSessions.has(session.id))) return null
    const { caller, stamp } = session
    // Only the owner comes in without an account.
    if (stamp === null) return caller.id === OWNER.id ? caller : null
    const user = await accounts.ofSession(caller.id, stamp)
    return user && { role: user.role, id: user.name }
  }

  return {
    async fromBearer(token) {
      if (isSameSecret(token, ownerToken)) return OWNER
      const agentId = options.agentIdOfRunToken(token)
      if (agentId !== null) return { role: 'agent', id: agentId }
      return (await apiTokens.recognise(token)) ?? callerOf(token, 'bearer')
    },

    fromSession: (session) => callerOf(session, 'cookie'),

    createCode: () => codes.create(OWNER),

    async redeemCode(code) {
      const caller = codes.redeem(code)
      return caller && { session: await sessions.sign(sessions.begin(caller, null), 'cookie'), maxAgeSeconds: SESSION_SECONDS }
    },

    async signIn({ name, password, address }) {
      const user = await accounts.signIn(name, password, address)
      if (user === null) return null
      const session = sessions.begin({ role: user.role, id: user.name }, user.stamp)
      const [cookie, token] = await Promise.all([sessions.sign(session, 'cookie'), sessions.sign(session, 'bearer')])
      return { role: user.role, session: cookie, token, expiresAt: session.expiresAt, maxAgeSeconds: SESSION_SECONDS }
    },

    async signOut(text) {
      const session = (await sessions.verify(text, 'cookie')) ?? (await sessions.verify(text, 'bearer'))
      if (session === null) return false
      await revokedSessions.forgetExpired(clock.now())
      await revokedSessions.revoke(session.id, session.expiresAt)
      await endings.tell()
      return true
    },

    onEnded: (listener) => endings.listen(listener),
  }
}
