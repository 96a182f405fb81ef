import { findApplication } from '../application.ts'
import { systemKeychain } from './systemKeychain.ts'

/** Started by keyring.spec.ts in a session of its own: what the keychain says each time, one line of JSON. */
const options = { environment: process.env, platform: process.platform, applicationFolder: findApplication().folder, patienceMs: 20_000 }
for (const asked of process.argv.slice(2)) {
  const [task, where] = asked.split(':')
  const answer = await systemKeychain({ ...options, inProcess: where === 'here' })?.masterKey(task === 'make')
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
