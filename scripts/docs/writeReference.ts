// `npm run docs`: writes docs/reference out of the contract, the events, the settings and the commands.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { referencePages } from './reference/pages.ts'

const root = join(import.meta.dirname, '..', '..')
for (const { path, text } of await referencePages()) {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  console.log(path)
}
