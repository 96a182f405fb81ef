import { TokenId, UserName, type User } from '../../shared/contract/accounts.ts'
import { AgentId } from '../../shared/domain/agent.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import type { Clock, Random } from '../ports.ts'
import type { StoredUser, UserRepository } from '../state/repositories.ts'
import type { Endings } from './endings.ts'
import { OWNER } from './owner.ts'
import type { Passwords } from './passwords.ts'
import { createSignInLimits } from './signInLimits.ts'

/** A user who is there all day is written down once in this time. */
const SEEN_EVERY_MS = 60_000

export interface Accounts {
  list(): Promise<User[]>
  add(user: { readonly name: string; readonly role: User['role']; readonly password: string }): Promise<User>
  /** Their sessions end before it resolves. */
  remove(name: string): Promise<void>
  setPassword(name: string, password: string): Promise<void>
  /** For those who know the one that holds; limited like a sign-in. */
  changePassword(name: string, current: string, password: string): Promise<void>
  /** Null for a wrong password and an unknown name alike, after the same work. Refuses with RATE_LIMITED after too many. */
  signIn(name: string, password: string, address: string): Promise<StoredUser | null>
  /** For those who are in already and have to show once more that it is they; limited like a sign-in. */
  verifyPassword(name: string, password: string): Promise<boolean>
  /** Whose session this is, as long as it has not ended with a password or a user. */
  ofSession(name: string, stamp: string): Promise<StoredUser | null>
}

export interface AccountsOptions {
  readonly users: UserRepository
  readonly passwords: Passwords
  readonly endings: Endings
  readonly clock: Clock
  readonly random: Random
}

export function createAccounts({ users, passwords, endings, clock, random }: AccountsOptions): Accounts {
  const limits = createSignInLimits(clock)

  async function verify(name: string, password: string, address: string | null): Promise<StoredUser | null> {
    const attempt = limits.begin(name.slice(0, 64), address)
    const user = UserName.safeParse(name).success ? await users.get(name) : null
    const isRight = await passwords.verify(password, user?.passwordHash ?? null)
    if (!isRight || user === null) return null
    // The password may have become another one meanwhile.
    const current = await users.get(name)
    if (current?.stamp !== user.stamp) return null
    attempt.succeed()
    return current
  }

  async function see(user: StoredUser): Promise<StoredUser> {
    const now: Millis = clock.now()
    if (user.lastSeenAt !== null && now - user.lastSeenAt < SEEN_EVERY_MS) return user
    await users.seen(user.name, now)
    return { ...user, lastSeenAt: now }
  }

  return {
    list: () => users.all(),

    async add({ name, role, password }) {
      requireOwnName(name)
      const passwordHash = await passwords.hash(password)
      const user = { name, role, passwordHash, stamp: random.hex(16), createdAt: clock.now(), lastSeenAt: null }
      if (await users.add(user)) return user
      throw new AppError('CONFLICT', `There is a user ${name} already; choose another name, or remove that one first.`)
    },

    async remove(name) {
      if (!(await users.remove(name))) throw nobody(name)
      await endings.tell()
    },

    async setPassword(name, password) {
      if ((await users.get(name)) === null) throw nobody(name)
      const passwordHash = await passwords.hash(password)
      if (!(await users.setPassword(name, passwordHash, random.hex(16)))) throw nobody(name)
      await endings.tell()
    },

    async changePassword(name, current, password) {
      const before = UserName.safeParse(name).success ? await users.get(name) : null
      if (before === null) throw new AppError('CONFLICT', 'You have no password here: you came in with a token or as the owner of this machine. Sign in with name and password to change yours.')
      if ((await verify(name, current, null)) === null) throw new AppError('FORBIDDEN', 'That is not your password as it is; nothing was changed.')
      if (password === current) throw new AppError('INVALID_INPUT', 'The new password is the old one; choose another.')
      const passwordHash = await passwords.hash(password)
      // An admin may have given another one, or taken the user away, meanwhile.
      if ((await users.get(name))?.stamp !== before.stamp) throw new AppError('CONFLICT', 'Your password has become another one meanwhile; sign in again.')
      if (!(await users.setPassword(name, passwordHash, random.hex(16)))) throw nobody(name)
      await endings.tell()
    },

    async signIn(name, password, address) {
      const user = await verify(name, password, address)
      return user && see(user)
    },

    verifyPassword: async (name, password) => (await verify(name, password, null)) !== null,

    async ofSession(name, stamp) {
      const user = await users.get(name)
      return user?.stamp === stamp ? see(user) : null
    },
  }
}

/** What is written down about callers must not be about two. */
function requireOwnName(name: string): void {
  if (name === OWNER.id) throw new AppError('CONFLICT', `"${name}" is whoever has the owner token of this machine; choose another name.`)
  if (!TokenId.safeParse(name).success && !AgentId.safeParse(name).success) return
  throw new AppError('CONFLICT', `"${name}" looks like the id of a token or an agent; choose another name.`)
}

function nobody(name: string): AppError {
  return new AppError('NOT_FOUND', `There is no user ${name}.`)
}
