import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DATABASE_FILE } from '../state/openDatabase.ts'
import { changing, looking } from '../state/testDatabase.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { ADMIN, bytes, openTestStore } from './testStore.ts'

const folders = useTestFolders()

describe('many secrets', () => {
  it('are listed without one of them being opened: ten thousand of which no value opens', async () => {
    const folder = folders.make()
    const test = await openTestStore(folder)
    const { id } = await test.store.create({ name: 'FIRST_KEY', environment: 'production', value: bytes('an invented value') }, ADMIN)
    changing(
      folder,
      `WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 9999)
      INSERT INTO secrets SELECT printf('secret-%012x', n), 'KEY_' || n, 'staging', 1, 'value', '[]', 'inv...ted', n, n, NULL FROM numbers;
      INSERT INTO secret_versions SELECT id, 1, 1, zeroblob(16), zeroblob(12), zeroblob(40), masked, 1, 'ada' FROM secrets WHERE environment = 'staging'`,
    )
    const listed = await test.store.list({ deleted: false })
    expect(listed).toHaveLength(10_000)
    expect((await test.store.get(id, ADMIN, true)).value?.toString()).toBe('an invented value')
    expect(await test.audited()).toEqual(['CREATE FIRST_KEY admin', 'REVEAL FIRST_KEY admin'])
    await test.close()
  })
})

describe('two processes', () => {
  it('write into one database at the same time: each secret and each record of the audit is there, in one chain', async () => {
    const folder = folders.make()
    const test = await openTestStore(folder)
    const other = spawn(process.execPath, [join(import.meta.dirname, 'testSecretWriter.ts'), folder, 'OTHER'], { stdio: ['ignore', 'ignore', 'inherit'] })
    const ended = once(other, 'exit')
    for (let number = 0; number < 20; number++) await test.store.create({ name: `OWN_${number}`, environment: 'production', value: bytes(`invented ${number}`) }, ADMIN)
    expect(await ended).toEqual([0, null])
    const listed = await test.store.list({ deleted: false })
    expect(listed).toHaveLength(40)
    for (const { id, name } of listed) expect((await test.store.get(id, ADMIN, true)).value?.toString()).toBe(`invented ${name.split('_')[1]}`)
    expect(await test.state.secrets.verifyAudit()).toMatchObject({ records: 80, firstBad: null, isSealChecked: true })
    await test.close()
    expect(looking(join(folder, DATABASE_FILE), (database) => database.prepare('SELECT count(*) FROM master_keys').pluck().get())).toBe(1)
  })

  it('do not both change one secret from the same version', async () => {
    const folder = folders.make()
    const [one, other] = [await openTestStore(folder), await openTestStore(folder)]
    const { id } = await one.store.create({ name: 'FIRST_KEY', environment: 'production', value: bytes('one') }, ADMIN)
    const results = await Promise.allSettled([one.store.update(id, bytes('two'), ADMIN), other.store.update(id, bytes('three'), ADMIN)])
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(1)
    expect(refused[0]?.reason).toMatchObject({ code: 'CONFLICT' })
    expect(await one.store.find(id)).toMatchObject({ version: 2 })
    expect(await one.state.secrets.verifyAudit()).toMatchObject({ records: 3, firstBad: null })
    await one.close()
    await other.close()
  })
})
