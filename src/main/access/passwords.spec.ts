import { hash } from '@node-rs/bcrypt'
import { describe, expect, it } from 'vitest'
import { BCRYPT_COST, bcryptPasswords } from './passwords.ts'

const PASSWORD = 'an invented password'

describe('a password', () => {
  it('is kept as what bcrypt makes of it at cost 12, with a salt of its own each time', async () => {
    const [one, other] = await Promise.all([bcryptPasswords.hash(PASSWORD), bcryptPasswords.hash(PASSWORD)])
    expect([costOf(one), BCRYPT_COST]).toEqual(['$2b$12$', 12])
    expect(one).not.toBe(other)
    expect(await Promise.all([bcryptPasswords.verify(PASSWORD, one), bcryptPasswords.verify(PASSWORD, other)])).toEqual([true, true])
  })

  it('is another one as soon as a letter is', async () => {
    const kept = await bcryptPasswords.hash(PASSWORD)
    const others = [PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(0, -1), '']
    expect(await Promise.all(others.map((other) => bcryptPasswords.verify(other, kept)))).toEqual([false, false, false, false])
  })

  it('counts behind the 72nd byte and behind a NUL, where bcrypt alone stops reading', async () => {
    const long = 'x'.repeat(72)
    const [ofLong, ofNul] = await Promise.all([bcryptPasswords.hash(`${long}a`), bcryptPasswords.hash('before\0after')])
    expect(
      await Promise.all([
        bcryptPasswords.verify(`${long}a`, ofLong),
        bcryptPasswords.verify(`${long}b`, ofLong),
        bcryptPasswords.verify(long, ofLong),
        bcryptPasswords.verify('before\0after', ofNul),
        bcryptPasswords.verify('before\0other', ofNul),
        bcryptPasswords.verify('before', ofNul),
      ]),
    ).toEqual([true, false, false, true, false, false])
  })

  it('is the same from a keyboard that composes its letters otherwise', async () => {
    const kept = await bcryptPasswords.hash('caf\u00e9 and more')
    expect(await bcryptPasswords.verify('cafe\u0301 and more', kept)).toBe(true)
  })

  it('is nobody’s where there is no hash, after the work of a real comparison', async () => {
    // A comparison reads its cost out of the hash: the one that stands in for nobody has the same.
    const compared: string[] = []
    const real = await bcryptPasswords.hash(PASSWORD)
    compared.push(real, await nobodysHash())
    expect(compared.map(costOf)).toEqual([costOf(real), costOf(real)])
    expect(await bcryptPasswords.verify(PASSWORD, null)).toBe(false)
  })

  it('is not what bcrypt would have made of it without our digest', async () => {
    expect(await bcryptPasswords.verify(PASSWORD, await hash(PASSWORD, 4))).toBe(false)
  })
})

/** Its kind and its cost: `$2b$12$`. */
const costOf = (kept: string): string => kept.slice(0, 7)

/** What stands in the source for nobody. */
async function nobodysHash(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  const [found = ''] = /\$2b\$[^']+/.exec(await readFile(new URL('passwords.ts', import.meta.url), 'utf8')) ?? []
  return found
}
