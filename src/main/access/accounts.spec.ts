import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Access } from '../controlRoom.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import type { Accounts } from './accounts.ts'
import { NAME_LIMIT } from './signInLimits.ts'
import { countedPasswords, createTestAccess, type CountedPasswords } from './testAccess.ts'
import { createTestClock, type TestClock } from './testClock.ts'

const PASSWORD = 'an invented password'
const OTHER_PASSWORD = 'another invented one'
const HERE = 'this machine'

let folder: string
let state: State
let clock: TestClock
let passwords: CountedPasswords
let access: Access
let accounts: Accounts

async function open(): Promise<void> {
  state = await openState({ dataFolder: join(folder, 'state'), clock })
  passwords = countedPasswords()
  ;({ access, accounts } = await createTestAccess({ dataFolder: folder, state, clock, passwords }))
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'iron-cage-accounts-'))
  clock = createTestClock()
  await open()
})
afterEach(async () => {
  await state.close()
  rmSync(folder, { recursive: true, force: true })
})

async function reopen(): Promise<void> {
  await state.close()
  await open()
}

async function signIn(name = 'ada', password = PASSWORD): Promise<{ session: string; token: string }> {
  const signedIn = await access.signIn({ name, password, address: HERE })
  if (signedIn === null) throw new Error('not signed in')
  return signedIn
}

const callers = async ({ session, token }: { session: string; token: string }): Promise<unknown[]> => [await access.fromSession(session), await access.fromBearer(token)]
const ADA = { role: 'viewer', id: 'ada' }

describe('users', () => {
  it('are added once, listed by name and removed', async () => {
    await accounts.add({ name: 'grace', role: 'admin', password: PASSWORD })
    await accounts.add({ name: 'ada', role: 'viewer', password: PASSWORD })
    await reopen()
    expect((await accounts.list()).map(({ name, role }) => [name, role])).toEqual([['ada', 'viewer'], ['grace', 'admin']])
    await expect(accounts.add({ name: 'ada', role: 'admin', password: OTHER_PASSWORD })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await signIn()).toBeTruthy()
    await accounts.remove('ada')
    await expect(accounts.remove('ada')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no user ada.' })
    expect((await accounts.list()).map(({ name }) => name)).toEqual(['grace'])
  })

  it.each(['owner', 'token-7a3f9c2d01b2', 'lg-7a3f9c2d'])('are never called %s, which is somebody else in what is written down', async (name) => {
    await expect(accounts.add({ name, role: 'viewer', password: PASSWORD })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await accounts.list()).toEqual([])
  })

  it('show when they were seen last, written down once a minute at most', async () => {
    await accounts.add({ name: 'ada', role: 'viewer', password: PASSWORD })
    const seen = async (): Promise<number | null | undefined> => (await accounts.list())[0]?.lastSeenAt
    expect(await seen()).toBeNull()
    const signedIn = await signIn()
    const first = clock.now()
    clock.advance(59_999)
    await access.fromSession(signedIn.session)
    expect(await seen()).toBe(first)
    clock.advance(1)
    await access.fromBearer(signedIn.token)
    expect(await seen()).toBe(first + 60_000)
  })

  it('leave no hash behind in the database when they change their password or are removed', async () => {
    const holds = async (password: string): Promise<boolean[]> => {
      const hash = await passwords.hash(password)
      return ['control-room.db', 'control-room.db-wal'].map((name) => readFileSync(join(folder, 'state', name)).includes(hash))
    }
    await accounts.add({ name: 'ada', role: 'viewer', password: PASSWORD })
    expect(await holds(PASSWORD)).toContain(true)
    await accounts.setPassword('ada', OTHER_PASSWORD)
    expect([await holds(PASSWORD), await holds(OTHER_PASSWORD)]).toEqual([[false, false], [true, false]])
    await accounts.remove('ada')
    expect(await holds(OTHER_PASSWORD)).toEqual([false, false])
  })
})

describe('a sign-in', () => {
  beforeEach(() => accounts.add({ name: 'ada', role: 'viewer', password: PASSWORD }))

  it('gives a session and a token that are known as the user, also after a restart', async () => {
    const signedIn = await signIn()
    await reopen()
    expect(await callers(signedIn)).toEqual([ADA, ADA])
  })

  it('costs one comparison for a right and a wrong password, a user who is there and one who is not, and names that cannot be', async () => {
    const names = ['ada', 'ada', 'nobody', 'no such name at all', 'ADA', '', '__proto__', 'x'.repeat(100_000)]
    for (const [index, name] of names.entries()) {
      expect((await access.signIn({ name, password: index === 0 ? PASSWORD : OTHER_PASSWORD, address: HERE })) !== null).toBe(index === 0)
      expect(passwords.compared).toHaveLength(index + 1)
    }
    expect(passwords.compared.slice(2)).toEqual(names.slice(2).map(() => null))
  })

  it('is refused after too many failures of a name that is there, and of one that is not, without any work', async () => {
    for (const name of ['ada', 'nobody']) {
      for (let count = 0; count < NAME_LIMIT.most; count++) await access.signIn({ name, password: 'wrong', address: HERE })
    }
    const done = passwords.compared.length
    const refusals = await Promise.all(['ada', 'nobody'].map((name) => access.signIn({ name, password: PASSWORD, address: HERE }).catch((problem: Error) => problem.message)))
    expect(refusals[0]).toMatch(/^Too many sign-ins of this name have failed/)
    expect(refusals[1]).toBe(refusals[0])
    expect(passwords.compared).toHaveLength(done)
    clock.advance(NAME_LIMIT.withinMs)
    expect(await signIn()).toBeTruthy()
  })

  it('that was right while the password became another one, or the user went, signs nobody in', async () => {
    const { verify } = passwords
    const endings = [() => accounts.setPassword('ada', OTHER_PASSWORD), () => accounts.remove('ada')]
    for (const [index, end] of endings.entries()) {
      passwords.verify = async (...compared) => {
        const isRight = await verify(...compared)
        await end()
        return isRight
      }
      expect(await access.signIn({ name: 'ada', password: index === 0 ? PASSWORD : OTHER_PASSWORD, address: HERE })).toBeNull()
    }
  })
})

describe('a session of a user', () => {
  let session: { session: string; token: string }
  beforeEach(async () => {
    await accounts.add({ name: 'ada', role: 'viewer', password: PASSWORD })
    await accounts.add({ name: 'grace', role: 'admin', password: PASSWORD })
    session = await signIn()
  })

  it.each(['session', 'token'] as const)('ends with a sign-out by its %s, cookie and token alike, for good and alone', async (which) => {
    const other = await signIn()
    expect(await access.signOut(session[which])).toBe(true)
    expect(await callers(session)).toEqual([null, null])
    await reopen()
    expect(await callers(session)).toEqual([null, null])
    expect(await callers(other)).toEqual([ADA, ADA])
  })

  it('ends with another password, and those of others do not', async () => {
    const others = await signIn('grace')
    await accounts.setPassword('ada', OTHER_PASSWORD)
    expect(await callers(session)).toEqual([null, null])
    expect(await access.fromSession(others.session)).toEqual({ role: 'admin', id: 'grace' })
    expect(await access.signIn({ name: 'ada', password: PASSWORD, address: HERE })).toBeNull()
    expect(await callers(await signIn('ada', OTHER_PASSWORD))).toEqual([ADA, ADA])
  })

  it('ends with the same password set anew', async () => {
    await accounts.setPassword('ada', PASSWORD)
    expect(await callers(session)).toEqual([null, null])
  })

  it('ends with its user, and does not come back with another one of that name', async () => {
    await accounts.remove('ada')
    expect(await callers(session)).toEqual([null, null])
    await accounts.add({ name: 'ada', role: 'admin', password: PASSWORD })
    expect(await callers(session)).toEqual([null, null])
  })

  it('ends after twelve hours, and its revocation is forgotten then', async () => {
    await access.signOut((await signIn()).session)
    clock.advance(12 * 60 * 60 * 1000)
    expect(await callers(session)).toEqual([null, null])
    await reopen()
    expect(await state.revokedSessions.revoke('whatever', 1)).toBe(true)
    expect(await state.revokedSessions.has('whatever')).toBe(true)
    await state.revokedSessions.forgetExpired(clock.now())
    expect(await state.revokedSessions.has('whatever')).toBe(false)
  })

  it('cannot be signed out by what is none', async () => {
    for (const text of ['', 'x', 'a.b.c', `${session.token}x`]) expect(await access.signOut(text)).toBe(false)
    expect(await callers(session)).toEqual([ADA, ADA])
  })

  it('tells whoever keeps a door open of each ending, before it is done', async () => {
    const told: string[] = []
    let what = ''
    const stop = access.onEnded(async () => {
      await Promise.resolve()
      told.push(what)
    })
    const ends = async (name: string, action: () => Promise<unknown>): Promise<void> => {
      what = name
      await action()
      expect(told.at(-1)).toBe(name)
    }
    await ends('sign-out', () => access.signOut(session.token))
    await ends('password', () => accounts.setPassword('ada', OTHER_PASSWORD))
    await ends('user', () => accounts.remove('ada'))
    stop()
    await accounts.remove('grace')
    expect(told).toEqual(['sign-out', 'password', 'user'])
  })
})

describe('a password asked for once more', () => {
  beforeEach(() => accounts.add({ name: 'ada', role: 'admin', password: PASSWORD }))

  it('is right or wrong', async () => {
    expect([await accounts.verifyPassword('ada', PASSWORD), await accounts.verifyPassword('ada', OTHER_PASSWORD), await accounts.verifyPassword('owner', PASSWORD)]).toEqual([true, false, false])
  })

  it('cannot be tried without end', async () => {
    for (let count = 0; count < NAME_LIMIT.most; count++) await accounts.verifyPassword('ada', 'wrong')
    await expect(accounts.verifyPassword('ada', PASSWORD)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })
})
