import { ADMIN, bytes, openTestStore } from './testStore.ts'

/** Started by manySecrets.spec.ts: writes twenty secrets of its own beside another process. */
const [, , folder = '', prefix = ''] = process.argv
const test = await openTestStore(folder)
for (let number = 0; number < 20; number++) await test.store.create({ name: `${prefix}_${number}`, environment: 'production', value: bytes(`invented ${number}`) }, ADMIN)
await test.close()
