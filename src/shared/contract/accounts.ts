import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Role } from '../domain/roles.ts'
import { Millis } from '../domain/units.ts'
import { command } from './define.ts'

export const UserName = z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/, 'expected a name such as ada or night-shift: small letters, digits, dot, dash')
export const Password = z.string().min(12, 'a password has at least 12 characters').max(200)
export const TokenId = z.string().regex(/^token-[0-9a-f]{12}$/)

export const User = z.object({ name: UserName, role: Role.exclude(['agent']), createdAt: Millis, lastSeenAt: Millis.nullable() })
export type User = z.infer<typeof User>

export const ApiToken = z.object({
  id: TokenId,
  label: z.string(),
  role: Role,
  /** For the role agent: whose secrets and checkpoint it opens. */
  agentId: AgentId.nullable(),
  createdAt: Millis,
  lastUsedAt: Millis.nullable(),
})
export type ApiToken = z.infer<typeof ApiToken>

export const accountCommands = {
  'user.list': command({ summary: 'Lists who may sign in.', least: 'admin', http: 'GET /users', input: z.strictObject({}), output: z.object({ users: z.array(User) }) }),
  'user.add': command({
    summary: 'Lets somebody sign in.',
    least: 'admin',
    http: 'POST /users',
    input: z.strictObject({ name: UserName, role: Role.exclude(['agent']), password: Password }),
    output: User,
  }),
  'user.remove': command({
    summary: 'No longer lets somebody in; their sessions end.',
    least: 'admin',
    http: 'DELETE /users/:name',
    input: z.strictObject({ name: UserName }),
    output: z.object({}),
  }),
  'user.setPassword': command({
    summary: 'Gives somebody another password; their sessions end.',
    least: 'admin',
    http: 'PUT /users/:name/password',
    input: z.strictObject({ name: UserName, password: Password }),
    output: z.object({}),
  }),
  'user.changeOwnPassword': command({
    summary: 'Gives whoever asks another password, for the one that holds; all their sessions end, this one too.',
    least: 'viewer',
    http: 'PUT /account/password',
    input: z.strictObject({ current: z.string().max(200), password: Password }),
    output: z.object({}),
  }),
  'token.list': command({ summary: 'Lists API tokens; what opens the door is not told.', least: 'admin', http: 'GET /tokens', input: z.strictObject({}), output: z.object({ tokens: z.array(ApiToken) }) }),
  'token.create': command({
    summary: 'Makes an API token; it is shown this once.',
    least: 'admin',
    http: 'POST /tokens',
    input: z.strictObject({ label: z.string().trim().min(1).max(80), role: Role, agentId: AgentId.nullable().default(null) }),
    output: ApiToken.extend({ token: z.string() }),
  }),
  'token.revoke': command({
    summary: 'Ends an API token at once.',
    least: 'admin',
    http: 'DELETE /tokens/:tokenId',
    input: z.strictObject({ tokenId: TokenId }),
    output: z.object({}),
  }),
}
