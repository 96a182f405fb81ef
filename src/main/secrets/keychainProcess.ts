import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { keptMasterKey, replaceMasterKey, silenceOf, type PasswordStore } from './keptMasterKey.ts'
import type { KeychainAnswer } from './keychain.ts'

/**
 * Started by systemKeychain.ts with the path of keytar and what to do: writes its answer to its standard output, which nobody else reads,
 * or puts the key from its standard input in the place of the one that is there.
 */
// What Node reports of a crash, where it is asked to, leaves out what may hold the master key.
process.report.excludeEnv = true
const [, , path = '', task] = process.argv
if (task === 'replace') process.stdout.write((await replaceMasterKey(load(), await text(process.stdin))) ? 'kept' : '')
else process.stdout.write(JSON.stringify(await answer()))

async function answer(): Promise<KeychainAnswer> {
  try {
    return await keptMasterKey(load(), task === 'make')
  } catch (problem) {
    // A library that keytar needs is not on this machine.
    return { without: silenceOf(problem) === 'refused' ? 'absent' : silenceOf(problem) }
  }
}

function load(): PasswordStore {
  return createRequire(import.meta.url)(path) as PasswordStore
}
