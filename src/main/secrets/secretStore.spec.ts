import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { describeStores, type Place } from '../state/testStores.ts'
import type { Requester } from './requester.ts'
import { KEPT_DELETED_MS } from './secretStore.ts'
import { ADMIN, agentIn, bytes, MASTER_KEY, openTestStore, OTHER_MASTER_KEY, VIEWER, type TestStore } from './testStore.ts'

const VALUE = 'sk-proj-invented0123456789abcdefghijklmnopqrstuvwABCDEFGHxyz'
describeStores('secrets', (kind) => {
  const open: TestStore[] = []
  const zeros = (length: number): string => (kind.name === 'SQLite' ? `zeroblob(${length})` : `'\\x${'00'.repeat(length)}'`)

  async function opened(place?: Place, masterKey: string | null = MASTER_KEY): Promise<TestStore> {
    const test = await openTestStore(place ?? (await kind.make()), masterKey)
    open.push(test)
    return test
  }

  afterEach(async () => {
    for (const test of open.splice(0)) await test.close()
  })

  const KEY = { name: 'OPENAI_API_KEY', environment: 'production', value: bytes(VALUE) } as const

  async function revealed({ store }: TestStore, id: string, by: Requester = ADMIN): Promise<string | null> {
    const { value } = await store.get(id, by, true)
    return value?.toString('utf8') ?? null
  }

  async function problemOf(action: Promise<unknown>): Promise<AppError> {
    const problem: unknown = await action.catch((error: unknown) => error)
    if (problem instanceof AppError) return problem
    throw new Error(`It gave ${String(problem)}, which is no AppError.`)
  }

  describe('a secret', () => {
    it('is kept encrypted, listed masked and given back as it was', async () => {
      const test = await opened()
      const secret = await test.store.create(KEY, ADMIN)
      expect(secret).toMatchObject({ name: 'OPENAI_API_KEY', environment: 'production', version: 1, masked: 'sk-proj-inv...xyz' })
      expect(secret.id).toMatch(/^secret-[0-9a-f]{12}$/)
      expect(await test.store.list({ deleted: false })).toEqual([secret])
      expect(await revealed(test, secret.id)).toBe(VALUE)
      expect(await test.audited()).toEqual(['CREATE OPENAI_API_KEY admin', 'REVEAL OPENAI_API_KEY admin'])
      expect(test.values).toContain(VALUE)
    })

    it.each(['x', 'a\nb\r\n\n', 'Grüße 🙂', ' spaces ', 'a\0b', '{"a":1}', 'x'.repeat(65_536)])('keeps any value from one byte to 64 KiB (%#)', async (value) => {
      const test = await opened()
      const { id } = await test.store.create({ ...KEY, value: bytes(value) }, ADMIN)
      expect(await revealed(test, id)).toBe(value)
    })

    it('keeps bytes that are no text', async () => {
      const test = await opened()
      const value = Buffer.from(Array.from({ length: 256 }, (_one, index) => index))
      const { id } = await test.store.create({ ...KEY, value }, ADMIN)
      expect((await test.store.get(id, ADMIN, true)).value?.equals(value)).toBe(true)
    })

    it.each([0, 65_537])('is refused with %i bytes, and the refusal audited', async (length) => {
      const test = await opened()
      expect(await problemOf(test.store.create({ ...KEY, value: Buffer.alloc(length, 97) }, ADMIN))).toMatchObject({ code: 'INVALID_INPUT' })
      expect(await test.audited()).toEqual(['CREATE OPENAI_API_KEY admin !'])
    })

    it('has a name of its own in its environment, and the same name in each', async () => {
      const test = await opened()
      await test.store.create(KEY, ADMIN)
      await test.store.create({ ...KEY, environment: 'staging' }, ADMIN)
      expect(await problemOf(test.store.create(KEY, ADMIN))).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('OPENAI_API_KEY in production') as string })
      expect(await test.store.list({ environment: 'staging', deleted: false })).toHaveLength(1)
    })

    it('has a fresh salt and a fresh nonce with every write', async () => {
      const test = await opened()
      const { id } = await test.store.create(KEY, ADMIN)
      for (let version = 2; version <= 5; version++) await test.store.update(id, bytes(VALUE), ADMIN)
      const versions = await test.store.versions(id)
      for (const part of ['salt', 'nonce', 'sealed'] as const) expect(new Set(versions.map((version) => version[part].toString('hex'))).size).toBe(5)
      expect(versions.every(({ salt, nonce }) => salt.length === 16 && nonce.length === 12)).toBe(true)
    })

    it('keeps its last ten versions, and takes an earlier one back as a new one', async () => {
      const test = await opened()
      const { id } = await test.store.create({ ...KEY, value: bytes('value of version 1') }, ADMIN)
      for (let version = 2; version <= 12; version++) await test.store.update(id, bytes(`value of version ${version}`), ADMIN)
      expect((await test.store.versions(id)).map(({ version }) => version)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
      expect(await problemOf(test.store.rollback(id, 2, ADMIN))).toMatchObject({ code: 'NOT_FOUND' })
      expect(await problemOf(test.store.rollback(id, 12, ADMIN))).toMatchObject({ code: 'CONFLICT' })
      expect(await test.store.rollback(id, 5, ADMIN)).toMatchObject({ version: 13 })
      expect(await revealed(test, id)).toBe('value of version 5')
      expect((await test.audited()).slice(-4)).toEqual(['ROLLBACK OPENAI_API_KEY admin !', 'ROLLBACK OPENAI_API_KEY admin !', 'ROLLBACK OPENAI_API_KEY admin', 'REVEAL OPENAI_API_KEY admin'])
    })

    it('changes in the order in which it was asked for', async () => {
      const test = await opened()
      const { id } = await test.store.create(KEY, ADMIN)
      await Promise.all(Array.from({ length: 8 }, (_one, index) => test.store.update(id, bytes(`value ${index}`), ADMIN)))
      expect(await revealed(test, id)).toBe('value 7')
      expect(await test.store.find(id)).toMatchObject({ version: 9 })
    })

    it('is deleted, taken back, and purged after thirty days', async () => {
      const place = await kind.make()
      const test = await opened(place)
      const { id } = await test.store.create(KEY, ADMIN)
      await test.store.delete(id, ADMIN)
      expect(await test.store.list({ deleted: false })).toEqual([])
      expect(await test.store.list({ deleted: true })).toHaveLength(1)
      expect(await problemOf(test.store.get(id, ADMIN, true))).toMatchObject({ code: 'NOT_FOUND' })
      await test.store.restore(id, ADMIN)
      expect(await revealed(test, id)).toBe(VALUE)
      await test.store.delete(id, ADMIN)
      test.clock.advance(KEPT_DELETED_MS)
      expect(await test.store.purgeOld()).toBe(0)
      test.clock.advance(1)
      expect(await test.store.purgeOld()).toBe(1)
      expect(await place.rows('SELECT 1 FROM secret_versions')).toEqual([])
      expect((await test.audited()).at(-1)).toBe('PURGE OPENAI_API_KEY admin')
    })

    it('is not taken back where its name was given again, nor purged while it is kept', async () => {
      const test = await opened()
      const { id } = await test.store.create(KEY, ADMIN)
      expect(await problemOf(test.store.purge(id, ADMIN))).toMatchObject({ code: 'CONFLICT' })
      await test.store.delete(id, ADMIN)
      await test.store.create(KEY, ADMIN)
      expect(await problemOf(test.store.restore(id, ADMIN))).toMatchObject({ code: 'CONFLICT' })
    })
  })

  describe('who asks', () => {
    it('gets it masked as a viewer, and may not have it revealed', async () => {
      const test = await opened()
      const { id } = await test.store.create(KEY, ADMIN)
      expect((await test.store.get(id, VIEWER, false)).value).toBeNull()
      expect(await problemOf(test.store.get(id, VIEWER, true))).toMatchObject({ code: 'FORBIDDEN' })
      expect((await test.audited()).slice(1)).toEqual(['READ OPENAI_API_KEY viewer', 'DENY OPENAI_API_KEY viewer !'])
    })

    it('gets it whole as an agent of its environment, and of no other', async () => {
      const test = await opened()
      const { id } = await test.store.create(KEY, ADMIN)
      expect(await revealed(test, id, agentIn('production'))).toBe(VALUE)
      expect(await problemOf(test.store.get(id, agentIn('staging'), false))).toMatchObject({ code: 'FORBIDDEN' })
      expect(await problemOf(test.store.get(id, { ...agentIn('production'), run: null }, false))).toMatchObject({ code: 'FORBIDDEN' })
      const { entries } = await test.state.secrets.audit({ limit: 1 })
      expect(entries[0]).toMatchObject({ operation: 'DENY', agent_id: 'lg-7a3f9c2d', success: false, error_message: 'READ: An agent has secrets only while it runs.' })
    })
  })

  describe('a run', () => {
    it('is given all secrets of its environment, each of them audited', async () => {
      const test = await opened()
      await test.store.create(KEY, ADMIN)
      await test.store.create({ ...KEY, name: 'CLEARBIT_KEY', value: bytes('two\nlines') }, ADMIN)
      await test.store.create({ ...KEY, environment: 'staging' }, ADMIN)
      const given = await test.store.openForRun(agentIn('production'))
      expect(given.map(({ secret: { name }, value }) => [name, value])).toEqual([['CLEARBIT_KEY', 'two\nlines'], ['OPENAI_API_KEY', VALUE]])
      expect((await test.audited()).slice(3)).toEqual(['INJECT CLEARBIT_KEY agent', 'INJECT OPENAI_API_KEY agent'])
    })

    it('is given those that its agent file names, and nothing where one of them is missing', async () => {
      const test = await opened()
      await test.store.create(KEY, ADMIN)
      await test.store.create({ ...KEY, name: 'CLEARBIT_KEY' }, ADMIN)
      expect(await test.store.openForRun(agentIn('production', ['CLEARBIT_KEY']))).toHaveLength(1)
      expect(await problemOf(test.store.openForRun(agentIn('production', ['CLEARBIT_KEY', 'HUNTER_KEY'])))).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('HUNTER_KEY') as string })
      expect((await test.audited()).at(-1)).toBe('INJECT HUNTER_KEY agent !')
    })

    it('is given nothing where a value holds a NUL', async () => {
      const test = await opened()
      await test.store.create({ ...KEY, value: bytes('a\0b') }, ADMIN)
      const problem = await problemOf(test.store.openForRun(agentIn('production')))
      expect(problem.message).toContain('OPENAI_API_KEY')
      expect(problem.message).toContain('NUL')
      expect((await test.audited()).at(-1)).toBe('INJECT OPENAI_API_KEY agent !')
    })
  })

  describe('the master key', () => {
    it('that is another one is told from damaged data, and opens and changes nothing', async () => {
      const place = await kind.make()
      const first = await opened(place)
      const { id } = await first.store.create(KEY, ADMIN)
      await first.close()
      const test = await opened(place, OTHER_MASTER_KEY)
      expect(test.store.problem).toContain('another master key')
      expect(await test.store.list({ deleted: false })).toHaveLength(1)
      for (const action of [
        () => test.store.get(id, ADMIN, true),
        () => test.store.update(id, bytes('x'), ADMIN),
        () => test.store.create({ ...KEY, name: 'ANOTHER' }, ADMIN),
        () => test.store.openForRun(agentIn('production')),
        () => test.store.delete(id, ADMIN),
      ]) {
        expect(await problemOf(action())).toMatchObject({ code: 'UNAVAILABLE', message: test.store.problem })
      }
      await test.close()
      const again = await opened(place)
      expect((await again.state.secrets.verifyAudit()).firstBad).toMatchObject({ problem: expect.stringContaining('behind the sealed end') as string })
      await again.store.sealAudit()
      expect(await revealed(again, id)).toBe(VALUE)
      expect(await again.state.secrets.verifyAudit()).toMatchObject({ firstBad: null, isSealChecked: true })
    })

    it('that is nowhere leaves the list readable, and names three ways to have one', async () => {
      const place = await kind.make()
      const first = await opened(place)
      const { id } = await first.store.create(KEY, ADMIN)
      await first.close()
      const test = await opened(place, null)
      expect(await test.store.list({ deleted: false })).toHaveLength(1)
      const { code, message } = await problemOf(test.store.get(id, ADMIN, true))
      expect(code).toBe('UNAVAILABLE')
      for (const way of ['IRON_SECRETS_MASTER_KEY', 'keychain', 'IRON_SECRETS_PASSPHRASE']) expect(message).toContain(way)
    })

    it('is told as the right one even where its own check value is damaged', async () => {
      const place = await kind.make()
      const first = await opened(place)
      const { id } = await first.store.create(KEY, ADMIN)
      await first.close()
      await place.change(`UPDATE master_keys SET check_value = ${zeros(32)}`)
      expect(await revealed(await opened(place), id)).toBe(VALUE)
    })

    it('that is the right one says so where the room’s own key is damaged', async () => {
      const place = await kind.make()
      const first = await opened(place)
      await first.store.create(KEY, ADMIN)
      await first.close()
      await place.change(`UPDATE master_keys SET room_key = ${zeros(61)}`)
      expect((await opened(place)).store.problem).toContain('damaged')
    })
  })

  describe('the audit', () => {
    it.each([
      ['UPDATE secret_audit_log SET operation = \'READ\'', 'never changed'],
      ['DELETE FROM secret_audit_log', 'kept'],
      ['INSERT INTO secret_audit_log SELECT 9, secret_name, operation, requester_role, requester, agent_id, success, error_message, timestamp, chain_hash FROM secret_audit_log', 'only ever appended'],
      ['DELETE FROM secret_audit_head', 'has a head'],
      ['UPDATE secret_audit_head SET place = 0', 'never goes back'],
      ...(kind.name === 'SQLite'
        ? [
            ['REPLACE INTO secret_audit_log SELECT * FROM secret_audit_log WHERE id = 1', 'only ever appended'],
            ['REPLACE INTO secret_audit_head VALUES (1, 0, \'x\', NULL)', 'one head'],
          ]
        : [
            ['INSERT INTO secret_audit_log SELECT * FROM secret_audit_log WHERE id = 1 ON CONFLICT DO NOTHING', 'only ever appended'],
            ['INSERT INTO secret_audit_head VALUES (1, 0, \'x\', NULL) ON CONFLICT DO NOTHING', 'one head'],
            ['TRUNCATE secret_audit_log', 'kept'],
            ['TRUNCATE secret_audit_head', 'has a head'],
          ]),
    ])('refuses %s in any shell of the database', async (sql, words) => {
      const place = await kind.make()
      const test = await opened(place)
      await test.store.create(KEY, ADMIN)
      await test.close()
      await expect(place.change(sql)).rejects.toThrow(words)
    })

    it('tells of a record that was changed behind the triggers, and of one that was cut off', async () => {
      const place = await kind.make()
      const test = await opened(place)
      const { id } = await test.store.create(KEY, ADMIN)
      await test.store.get(id, ADMIN, true)
      expect(await test.state.secrets.verifyAudit()).toMatchObject({ records: 2, firstBad: null, isSealChecked: true })
      await place.tamper('UPDATE secret_audit_log SET requester = \'eve\' WHERE id = 1')
      expect(await test.state.secrets.verifyAudit()).toMatchObject({ firstBad: { place: 1 } })
      await place.tamper('UPDATE secret_audit_log SET requester = \'ada\' WHERE id = 1; DELETE FROM secret_audit_log WHERE id = 2')
      expect(await test.state.secrets.verifyAudit()).toMatchObject({ firstBad: { place: 2 } })
    })

    it('that cannot be written lets nothing happen', async () => {
      const place = await kind.make()
      const test = await opened(place)
      const { id } = await test.store.create(KEY, ADMIN)
      await place.change(
          kind.name === 'SQLite'
            ? `CREATE TRIGGER full_up BEFORE INSERT ON secret_audit_log BEGIN SELECT RAISE(ABORT, 'no room left'); END`
            : `CREATE TRIGGER full_up BEFORE INSERT ON secret_audit_log FOR EACH ROW EXECUTE FUNCTION refuse('no room left')`,
        )
      for (const action of [
        () => test.store.create({ ...KEY, name: 'ANOTHER' }, ADMIN),
        () => test.store.update(id, bytes('another value'), ADMIN),
        () => test.store.delete(id, ADMIN),
        () => test.store.get(id, ADMIN, true),
        () => test.store.openForRun(agentIn('production')),
        () => test.store.get(id, VIEWER, true),
      ]) {
        await expect(action()).rejects.toThrow('no room left')
      }
      await place.change(kind.name === 'SQLite' ? 'DROP TRIGGER full_up' : 'DROP TRIGGER full_up ON secret_audit_log')
      expect(await test.store.list({ deleted: false })).toHaveLength(1)
      expect(await test.store.find(id)).toMatchObject({ version: 1, deletedAt: null })
      expect(await revealed(test, id)).toBe(VALUE)
      expect(await test.state.secrets.verifyAudit()).toMatchObject({ records: 2, firstBad: null })
    })
  })
})
