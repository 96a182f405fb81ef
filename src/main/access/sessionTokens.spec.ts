import { createHmac, hkdfSync } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../shared/domain/roles.ts'
import { systemRandom } from '../systemPorts.ts'
import { createSessionTokens, SESSION_SECONDS } from './sessionTokens.ts'
import { createTestClock } from './testClock.ts'

const OWNER_TOKEN = 'a'.repeat(64)
const clock = createTestClock()
const tokens = createSessionTokens(OWNER_TOKEN, { clock, random: systemRandom })
const sign = (caller: Caller): Promise<string> => tokens.sign(tokens.begin(caller, null), 'cookie')
const verify = async (text: string): Promise<Caller | null> => (await tokens.verify(text, 'cookie'))?.caller ?? null
const key = new Uint8Array(hkdfSync('sha256', OWNER_TOKEN, '', 'iron-cage session signing key, version 1', 32))

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const claims = (): Record<string, unknown> => {
  const now = Math.floor(clock.now() / 1000)
  return { sub: 'owner', role: 'admin', jti: 'x', iss: 'iron-cage', aud: 'iron-cage/session', iat: now, exp: now + 60 }
}
const signed = (payload: Record<string, unknown>, signingKey = key, alg = 'HS256'): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(signingKey)

describe('a session', () => {
  it('tells who signed in', async () => {
    expect(await verify(await sign({ role: 'viewer', id: 'guest' }))).toEqual({ role: 'viewer', id: 'guest' })
  })

  it('has an identity of its own', async () => {
    const one = await sign({ role: 'admin', id: 'owner' })
    expect(await sign({ role: 'admin', id: 'owner' })).not.toBe(one)
  })

  it('outlives a restart, and ends when the owner token is a new one', async () => {
    const session = await sign({ role: 'admin', id: 'owner' })
    expect(await createSessionTokens(OWNER_TOKEN, { clock, random: systemRandom }).verify(session, 'cookie')).toMatchObject({ caller: { role: 'admin', id: 'owner' } })
    expect(await createSessionTokens('b'.repeat(64), { clock, random: systemRandom }).verify(session, 'cookie')).toBeNull()
  })

  it('tells cookie and token of one sign-in apart, and knows that they are one', async () => {
    const begun = tokens.begin({ role: 'viewer', id: 'ada' }, 'stamp-1')
    const [cookie, bearer] = [await tokens.sign(begun, 'cookie'), await tokens.sign(begun, 'bearer')]
    expect([await tokens.verify(cookie, 'cookie'), await tokens.verify(bearer, 'bearer')]).toEqual([begun, begun])
    expect([await tokens.verify(cookie, 'bearer'), await tokens.verify(bearer, 'cookie')]).toEqual([null, null])
  })

  it.each(['', 7, null])('is refused with the stamp %j', async (stamp) => {
    expect(await verify(await signed({ ...claims(), stamp }))).toBeNull()
  })

  it('lasts twelve hours', async () => {
    const ownClock = createTestClock()
    const ownTokens = createSessionTokens(OWNER_TOKEN, { clock: ownClock, random: systemRandom })
    const session = await ownTokens.sign(ownTokens.begin({ role: 'admin', id: 'owner' }, null), 'cookie')
    ownClock.advance(SESSION_SECONDS * 1000 - 1)
    expect(await ownTokens.verify(session, 'cookie')).not.toBeNull()
    ownClock.advance(1)
    expect(await ownTokens.verify(session, 'cookie')).toBeNull()
  })

  it('is taken when every claim is right, so that each refusal below has one reason', async () => {
    expect(await verify(await signed(claims()))).toEqual({ role: 'admin', id: 'owner' })
  })

  it.each(['sub', 'role', 'jti', 'iat', 'exp', 'iss', 'aud'])('is refused without the claim %s', async (name) => {
    const rest = claims()
    delete rest[name]
    expect(await verify(await signed(rest))).toBeNull()
  })

  it.each([
    ['a role that does not exist', { role: 'root' }],
    ['roles as a list', { role: ['admin'] }],
    ['an empty subject', { sub: '' }],
    ['a foreign issuer', { iss: 'somebody' }],
    ['another use', { aud: 'iron-cage/api-token' }],
    ['an expiry in the past', { exp: 1 }],
    ['an expiry in words', { exp: 'never' }],
  ])('is refused with %s', async (_what, wrong) => {
    expect(await verify(await signed({ ...claims(), ...wrong }))).toBeNull()
  })

  it('is refused when it names no algorithm', async () => {
    expect(await verify(new UnsecuredJWT(claims()).encode())).toBeNull()
    const [, payload] = (await signed(claims())).split('.')
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url')
      expect(await verify(`${header}.${payload}.`)).toBeNull()
    }
  })

  it('is refused when it is signed by another algorithm with the right key', async () => {
    const longKey = new Uint8Array(64)
    longKey.set(key)
    expect(await verify(await signed(claims(), longKey, 'HS512'))).toBeNull()
  })

  it('is refused when it is signed with another key, the owner token itself included', async () => {
    expect(await verify(await signed(claims(), new TextEncoder().encode(OWNER_TOKEN)))).toBeNull()
    expect(await verify(await signed(claims(), new Uint8Array(32)))).toBeNull()
  })

  it('is refused when a single character of it is altered', async () => {
    const session = await sign({ role: 'viewer', id: 'guest' })
    for (let index = 0; index < session.length; index += 7) {
      const other = session[index] === 'A' ? 'B' : 'A'
      const altered = session.slice(0, index) + other + session.slice(index + 1)
      expect(await verify(altered)).toBeNull()
    }
  })

  it('is refused when its signature is spelled another way, although it says the same bytes', async () => {
    const session = await sign({ role: 'viewer', id: 'guest' })
    const [head = '', payload = '', signature = ''] = session.split('.')
    const last = ALPHABET.indexOf(signature.at(-1) ?? '')
    // 32 bytes leave two bits of the last character without a meaning.
    for (const spare of [1, 2, 3]) {
      const spelled = signature.slice(0, -1) + ALPHABET[last ^ spare]
      expect(Buffer.from(spelled, 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
      expect(await verify(`${head}.${payload}.${spelled}`)).toBeNull()
    }
    for (const spelled of [`${signature}=`, `${signature}\n`, ` ${signature}`, signature.replaceAll('-', '+').replaceAll('_', '/') + '=', `${signature}.`, `${signature.slice(0, 20)} ${signature.slice(20)}`]) {
      expect(await verify(`${head}.${payload}.${spelled}`), spelled).toBeNull()
    }
    expect(await verify(session)).toEqual({ role: 'viewer', id: 'guest' })
  })

  it.each(['kid', 'jku', 'jwk', 'x5u', 'x5c', 'zip', 'b64'])('is not moved by what a stranger writes beside the algorithm: %s', async (name) => {
    const foreign = new TextEncoder().encode('k'.repeat(32))
    const values: Record<string, unknown> = {
      kid: '../../dev/null', jku: 'http://127.0.0.1:9/keys', jwk: { kty: 'oct', k: Buffer.from(foreign).toString('base64url') },
      x5u: 'http://127.0.0.1:9/x', x5c: ['MA=='], zip: 'DEF', b64: false,
    }
    const header = { alg: 'HS256', [name]: values[name], ...(name === 'b64' ? { crit: ['b64'] } : {}) }
    expect(await verify(await new SignJWT(claims()).setProtectedHeader(header).sign(foreign).catch(() => 'a.b.c'))).toBeNull()
    const empty = Buffer.from(JSON.stringify(header)).toString('base64url')
    const [, payload = ''] = (await signed(claims())).split('.')
    for (const secret of ['', '\0', 'null']) {
      const signature = createHmac('sha256', secret).update(`${empty}.${payload}`).digest('base64url')
      expect(await verify(`${empty}.${payload}.${signature}`)).toBeNull()
    }
  })

  it.each(['', '.', '..', 'a.b.c', 'not a token', OWNER_TOKEN, '\0', 'ey'.repeat(50_000)])('is not %j', async (text) => {
    expect(await verify(text)).toBeNull()
  })
})
