import { expect, it } from 'vitest'
import type { AuditRange } from '../state/keptSecrets.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { secretRefusals } from './secretRefusals.ts'
import { ADMIN, bytes, openTestStore } from './testStore.ts'

const folders = useTestFolders()

it('the audit can be gone through wholly, by name and by time, with its chain', async () => {
  const test = await openTestStore(folders.make())
  const { id } = await test.store.create({ name: 'FIRST_KEY', environment: 'production', value: bytes('an invented value') }, ADMIN)
  await test.store.create({ name: 'SECOND_KEY', environment: 'production', value: bytes('an invented value') }, ADMIN)
  const from = test.clock.now() + 1
  test.clock.advance(1)
  // More than are read at once.
  for (let count = 0; count < 250; count++) await test.store.note('FIRST_KEY', 'READ', ADMIN, null)
  test.clock.advance(1)
  await test.store.delete(id, ADMIN)
  const found = async (range: AuditRange): Promise<number[]> => {
    const places: number[] = []
    await test.state.secrets.eachAudited(range, (entry, { place, hash }) => {
      expect([entry.id, hash]).toEqual([place, expect.stringMatching(/^[0-9a-f]{64}$/)])
      places.push(place)
    })
    return places
  }
  expect(await found({})).toEqual(Array.from({ length: 253 }, (_none, index) => index + 1))
  expect(await found({ secretName: 'SECOND_KEY' })).toEqual([2])
  expect((await found({ from })).length).toBe(251)
  expect((await found({ from, until: from + 1 })).length).toBe(250)
  expect(await found({ until: from, secretName: 'FIRST_KEY' })).toEqual([1])
  await test.close()
})

it('what the router refuses of secrets stands in the audit, by the secret where that can be told', async () => {
  const test = await openTestStore(folders.make())
  const { id } = await test.store.create({ name: 'FIRST_KEY', environment: 'production', value: bytes('an invented value') }, ADMIN)
  const { ofCaller: refused, ofStranger } = secretRefusals(test.store, () => null)
  const viewer = { role: 'viewer', id: 'vera' } as const
  await refused('secret.update', { secretId: id, value: 'x' }, viewer)
  await refused('secret.create', { name: 'SECOND_KEY', value: 'an invented value' }, viewer)
  await refused('secret.export', null, { role: 'agent', id: 'lg-7a3f9c2d' })
  await refused('budget.raise', {}, viewer)
  await ofStranger('secret.get', { secretId: id }, 'This needs a bearer token.')
  await ofStranger('budget.raise', {}, 'This needs a bearer token.')
  expect((await test.audited()).slice(1)).toEqual(['DENY FIRST_KEY viewer !', 'DENY SECOND_KEY viewer !', 'DENY * agent !', 'DENY FIRST_KEY nobody !'])
  const { entries } = await test.state.secrets.audit({ limit: 10 })
  expect(JSON.stringify(entries)).not.toContain('an invented value')
  await test.close()
})
