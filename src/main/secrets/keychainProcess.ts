import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { keptMasterKey, replaceMasterKey, type PasswordStore } from './keptMasterKey.ts'

/**
 * Started by systemKeychain.ts with the path of keytar and what to do: writes the master key to its standard output, which nobody else
 * reads, or puts the one from its standard input in its place.
 */
const [, , path = '', task] = process.argv
const keytar = createRequire(import.meta.url)(path) as PasswordStore
if (task === 'replace') process.stdout.write((await replaceMasterKey(keytar, await text(process.stdin))) ? 'kept' : '')
else process.stdout.write((await keptMasterKey(keytar, task !== 'look')) ?? '')
