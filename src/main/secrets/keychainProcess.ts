import { createRequire } from 'node:module'
import { keptMasterKey, type PasswordStore } from './keptMasterKey.ts'

/** Started by systemKeychain.ts with the path of keytar: writes the master key to its standard output, which nobody else reads. */
const keytar = createRequire(import.meta.url)(process.argv[2] ?? '') as PasswordStore
process.stdout.write((await keptMasterKey(keytar)) ?? '')
