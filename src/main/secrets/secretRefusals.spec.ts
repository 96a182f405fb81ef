import { expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import { secretRefusals } from './secretRefusals.ts'
import { ADMIN, bytes, openTestStore } from './testStore.ts'

const folders = useTestFolders()

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
