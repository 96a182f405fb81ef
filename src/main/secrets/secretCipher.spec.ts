import { join } from 'node:path'
import { createDecipheriv } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import type { SealedValue, StoredSecret } from '../state/keptSecrets.ts'
import { DATABASE_FILE } from '../state/openDatabase.ts'
import { changing, looking } from '../state/testDatabase.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { argon2id } from './argon2id.ts'
import { createSecretCipher, type SecretCipher, type SecretPlace } from './secretCipher.ts'
import { ADMIN, bytes, openTestStore } from './testStore.ts'

const MASTER = Buffer.alloc(32, 7)
const PLACE: SecretPlace = { id: 'secret-000000000001', name: 'OPENAI_API_KEY', environment: 'production', version: 3, delivery: 'value', hosts: [] }
const VALUE = 'an invented value'

let clock: TestClock
let cipher: SecretCipher
beforeEach(() => {
  clock = createTestClock()
  cipher = createSecretCipher({ generation: 1, masterOf: (generation) => (generation === 1 ? MASTER : generation === 2 ? Buffer.alloc(32, 8) : null) }, clock)
})
afterEach(() => cipher.close())

const flipped = (buffer: Buffer, bit: number): Buffer => {
  const changed = Buffer.from(buffer)
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
  return changed
}

/** A bit of each byte, here this one and there another: the cipher knows no difference, and each try costs Argon2id. */
const BITS_APART = 7

async function refuses(place: SecretPlace, kept: SealedValue, what: string): Promise<void> {
  await expect(cipher.open(place, kept), what).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/does not open: it is damaged, or was moved/) as string })
}

describe('a sealed value', () => {
  it('is AES-256-GCM under Argon2id of the master key, and opens to what was sealed', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    expect((await cipher.open(PLACE, kept)).toString()).toBe(VALUE)
    expect([kept.salt.length, kept.nonce.length, kept.sealed.length]).toEqual([16, 12, VALUE.length + 16])
    const key = await argon2id(MASTER, kept.salt, { memory: 19_456, passes: 2, lanes: 1 })
    const decipher = createDecipheriv('aes-256-gcm', key, kept.nonce)
    decipher.setAAD(Buffer.from('["iron-cage-secret",1,"secret-000000000001","OPENAI_API_KEY","production",3,"value",[]]'))
    decipher.setAuthTag(kept.sealed.subarray(-16))
    expect(Buffer.concat([decipher.update(kept.sealed.subarray(0, -16)), decipher.final()]).toString()).toBe(VALUE)
  })

  it('refuses a bit that was flipped in any byte of its body, its tag and its nonce', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    for (let bit = 0; bit < kept.sealed.length * 8; bit += BITS_APART) {
      await refuses(PLACE, { ...kept, sealed: flipped(kept.sealed, bit) }, `body or tag, bit ${bit}`)
      // A failure forgets the key: the one that is right is worked out once more, for the next ones to find.
      if (bit % 63 === 0) expect((await cipher.open(PLACE, kept)).toString()).toBe(VALUE)
    }
    for (let bit = 0; bit < 96; bit += BITS_APART) await refuses(PLACE, { ...kept, nonce: flipped(kept.nonce, bit) }, `nonce, bit ${bit}`)
  }, 60_000)

  it('refuses a bit in any byte of what it is sealed for: id, name, environment, version, delivery and hosts', async () => {
    const place: SecretPlace = { ...PLACE, hosts: ['a.test'] }
    const kept = await cipher.seal(place, bytes(VALUE))
    const others: SecretPlace[] = [1, 2, 4, 5, 7, 11, 19, 35].map((version) => ({ ...place, version }))
    const texts = { id: place.id, name: place.name, environment: place.environment, delivery: place.delivery, host: 'a.test' }
    for (const [part, text] of Object.entries(texts)) {
      for (let bit = 0; bit < text.length * 8; bit += BITS_APART) {
        // Latin: a text of other bytes.
        const changed = flipped(Buffer.from(text), bit).toString('latin1')
        others.push({ ...place, ...(part === 'host' ? { hosts: [changed] } : { [part]: changed }) })
      }
    }
    others.push({ ...place, hosts: [] }, { ...place, hosts: ['a.test', ''] }, { ...place, hosts: ['a', 'test'] }, { ...place, name: `${place.name} ` }, { ...place, id: '' })
    expect(others.length).toBeGreaterThan(60)
    for (const other of others) await refuses(other, kept, JSON.stringify(other))
    expect((await cipher.open(place, kept)).toString()).toBe(VALUE)
  }, 60_000)

  it.each([0, 1, 4, 8, 12, 13, 14, 15, 17, 24, 32])('takes no tag of %i bytes, were it the beginning of the right one', async (length) => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    const [body, tag] = [kept.sealed.subarray(0, -16), kept.sealed.subarray(-16)]
    const other = length <= 16 ? tag.subarray(0, length) : Buffer.concat([tag, tag]).subarray(0, length)
    await refuses(PLACE, { ...kept, sealed: Buffer.concat([body, other]) }, 'another tag')
    // As vectors have it: the right tag, and nothing under it.
    await refuses(PLACE, { ...kept, sealed: tag }, 'no body')
  })

  it.each([0, 1, 8, 11, 13, 16, 64])('takes no nonce of %i bytes', async (length) => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    await refuses(PLACE, { ...kept, nonce: Buffer.concat([kept.nonce, Buffer.alloc(64)]).subarray(0, length) }, 'another nonce')
  })

  it.each([
    ['all zeros', (sealed: Buffer) => Buffer.concat([sealed.subarray(0, -16), Buffer.alloc(16)])],
    ['all ones', (sealed: Buffer) => Buffer.concat([sealed.subarray(0, -16), Buffer.alloc(16, 0xff)])],
    ['turned round', (sealed: Buffer) => Buffer.concat([sealed.subarray(0, -16), Buffer.from(sealed.subarray(-16)).reverse()])],
    ['inverted', (sealed: Buffer) => Buffer.concat([sealed.subarray(0, -16), Buffer.from(sealed.subarray(-16).map((byte) => byte ^ 0xff))])],
    ['before its body', (sealed: Buffer) => Buffer.concat([sealed.subarray(-16), sealed.subarray(0, -16)])],
  ])('takes no tag that is %s', async (what, change) => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    await refuses(PLACE, { ...kept, sealed: change(kept.sealed) }, what)
  })

  it('never uses a salt or a nonce twice', async () => {
    const all = await Promise.all(Array.from({ length: 64 }, () => cipher.seal(PLACE, bytes(VALUE))))
    for (const part of ['salt', 'nonce', 'sealed'] as const) expect(new Set(all.map((kept) => kept[part].toString('hex'))).size).toBe(64)
  })

  it('refuses each byte of its salt that was changed', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    for (let byte = 0; byte < 16; byte++) await refuses(PLACE, { ...kept, salt: flipped(kept.salt, byte * 8 + (byte % 8)) }, `salt, byte ${byte}`)
  })

  it('refuses whatever was cut, prolonged or emptied', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    for (let length = 0; length < kept.sealed.length; length++) await refuses(PLACE, { ...kept, sealed: kept.sealed.subarray(0, length) }, `${length} bytes`)
    await refuses(PLACE, { ...kept, sealed: Buffer.concat([kept.sealed, Buffer.of(0)]) }, 'one more')
    await refuses(PLACE, { ...kept, nonce: Buffer.alloc(0) }, 'no nonce')
    await refuses(PLACE, { ...kept, nonce: Buffer.alloc(12) }, 'zero nonce')
    await refuses(PLACE, { ...kept, nonce: Buffer.concat([kept.nonce, Buffer.of(0)]) }, 'longer nonce')
    await refuses(PLACE, { ...kept, salt: kept.salt.subarray(1) }, 'shorter salt')
  })

  it.each<[string, Partial<SecretPlace>]>([
    ['of another secret', { id: 'secret-000000000002' }],
    ['of another name', { name: 'OPENAI_API_KEX' }],
    ['in another environment', { environment: 'staging' }],
    ['as another version', { version: 4 }],
    ['that is delivered otherwise', { delivery: 'sealed' }],
    ['for another host', { hosts: ['evil.test'] }],
    ['whose parts were moved against each other', { id: 'secret-000000000001","OPENAI_API_KEY', name: '' }],
  ])('does not open in the place %s', async (_what, change) => {
    await refuses({ ...PLACE, ...change }, await cipher.seal(PLACE, bytes(VALUE)), _what)
  })

  it('does not open with the parts of another, one by one', async () => {
    const [one, other] = [await cipher.seal(PLACE, bytes(VALUE)), await cipher.seal(PLACE, bytes('another invented'))]
    await refuses(PLACE, { ...one, sealed: other.sealed }, 'body')
    await refuses(PLACE, { ...one, nonce: other.nonce }, 'nonce')
    await refuses(PLACE, { ...one, salt: other.salt }, 'salt')
    await refuses(PLACE, { ...one, sealed: Buffer.concat([one.sealed.subarray(0, -16), other.sealed.subarray(-16)]) }, 'tag')
    await refuses(PLACE, { ...one, keyGeneration: 2 }, 'generation')
    await refuses(PLACE, { ...one, keyGeneration: 9 }, 'a generation that is not there')
  })

  it('takes its key with it after a minute', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    expect(clock.waiting()).toBe(1)
    clock.advance(59_999)
    await cipher.open(PLACE, kept)
    expect(clock.waiting()).toBe(1)
    clock.advance(60_000)
    expect(clock.waiting()).toBe(0)
    expect((await cipher.open(PLACE, kept)).toString()).toBe(VALUE)
  })

  it('opens several times at once, also while its key is forgotten', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    cipher.close()
    const opening = Array.from({ length: 8 }, () => cipher.open(PLACE, kept))
    cipher.close()
    for (const value of await Promise.all(opening)) expect(value.toString()).toBe(VALUE)
    expect(clock.waiting()).toBe(0)
  })
})

describe('a row of the database', () => {
  const folders = useTestFolders()
  const COLUMNS = ['salt', 'nonce', 'sealed'] as const

  it('that was changed, or swapped with another, opens nowhere, is told and audited, and leaves the others alone', async () => {
    const folder = folders.make()
    const test = await openTestStore(folder)
    const made: StoredSecret[] = []
    for (const name of ['FIRST_KEY', 'SECOND_KEY', 'THIRD_KEY']) made.push(await test.store.create({ name, environment: 'production', value: bytes(`invented ${name}`) }, ADMIN))
    const [first, second, third] = made as [StoredSecret, StoredSecret, StoredSecret]
    const saved = looking(join(folder, DATABASE_FILE), (database) => database.prepare('SELECT * FROM secret_versions').all()) as Record<string, Buffer | string>[]
    const rowOf = (id: string): Record<string, Buffer | string> => saved.find((row) => row.secret_id === id) ?? {}
    const hex = (value: unknown): string => `x'${(value as Buffer).toString('hex')}'`
    const put = (id: string, columns: readonly string[], from: Record<string, unknown>): void =>
      changing(folder, `UPDATE secret_versions SET ${columns.map((column) => `${column} = ${hex(from[column])}`).join(', ')} WHERE secret_id = '${id}'`)
    const fails = async (what: string): Promise<void> => {
      await expect(test.store.get(first.id, ADMIN, true), what).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      const { entries } = await test.state.secrets.audit({ limit: 1 })
      expect(entries[0], what).toMatchObject({ secret_name: first.name, operation: 'REVEAL', success: false, error_message: expect.stringContaining('does not open') as string })
      expect((await test.store.get(third.id, ADMIN, true)).value?.toString()).toBe('invented THIRD_KEY')
    }

    put(first.id, COLUMNS, rowOf(second.id))
    await fails('the whole row of another')
    for (const column of COLUMNS) {
      put(first.id, COLUMNS, rowOf(first.id))
      put(first.id, [column], rowOf(second.id))
      await fails(`the ${column} of another`)
      put(first.id, COLUMNS, { ...rowOf(first.id), [column]: flipped(rowOf(first.id)[column] as Buffer, 3) })
      await fails(`a bit of the ${column}`)
    }
    put(first.id, COLUMNS, rowOf(first.id))
    await test.store.update(first.id, bytes('invented FIRST_KEY, again'), ADMIN)
    const versions = looking(join(folder, DATABASE_FILE), (database) => database.prepare('SELECT * FROM secret_versions WHERE secret_id = ? ORDER BY version').all(first.id)) as Record<string, Buffer | string>[]
    const [older = {}, newer = {}] = versions
    const putVersion = (version: number, from: Record<string, unknown>): void =>
      changing(folder, `UPDATE secret_versions SET ${COLUMNS.map((column) => `${column} = ${hex(from[column])}`).join(', ')} WHERE secret_id = '${first.id}' AND version = ${version}`)
    putVersion(2, older)
    await fails('the value of the version before, put in the place of the current one')
    putVersion(2, newer)
    changing(folder, `UPDATE secrets SET version = 1 WHERE id = '${first.id}'`)
    // Back to an old version by hand: that is a value of this secret, and no other.
    expect((await test.store.get(first.id, ADMIN, true)).value?.toString()).toBe('invented FIRST_KEY')
    changing(folder, `UPDATE secrets SET version = 2 WHERE id = '${first.id}'`)
    expect((await test.store.get(first.id, ADMIN, true)).value?.toString()).toBe('invented FIRST_KEY, again')
    for (const sql of ['name = \'MOVED_KEY\'', 'environment = \'staging\'', 'hosts = \'["evil.test"]\'', 'delivery = \'sealed\'']) {
      changing(folder, `UPDATE secrets SET ${sql} WHERE id = '${first.id}'`)
      await expect(test.store.get(first.id, ADMIN, true), sql).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      changing(folder, `UPDATE secrets SET name = 'FIRST_KEY', environment = 'production', hosts = '[]', delivery = 'value' WHERE id = '${first.id}'`)
    }
    expect((await test.store.get(first.id, ADMIN, true)).value?.toString()).toBe('invented FIRST_KEY, again')
    expect(await test.state.secrets.verifyAudit()).toMatchObject({ firstBad: null })
    await test.close()
  })
})
