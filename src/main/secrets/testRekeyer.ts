import { findApplication } from '../application.ts'
import { systemClock } from '../systemPorts.ts'
import { createKeyFile } from './keyFile.ts'
import { rekeyRoom } from './rekeyRoom.ts'
import { systemKeychain } from './systemKeychain.ts'

/** Started by rekey.spec.ts and keyring.spec.ts: changes the master key, and is killed in the middle of it. */
const [, , dataFolder = '', killAt = ''] = process.argv
let step = 0
await rekeyRoom({
  dataFolder,
  environment: process.env,
  // A spec that has a session bus has a keyring on it.
  keychain: systemKeychain({ environment: process.env, platform: process.platform, applicationFolder: findApplication().folder, inProcess: false }),
  keyFile: createKeyFile(dataFolder),
  askPassphrase: null,
  by: { role: 'admin', id: 'ada', agentId: null, run: null },
  clock: systemClock,
  onStep: (name) => {
    step += 1
    process.stdout.write(`${name}\n`)
    if (String(step) === killAt) process.kill(process.pid, 'SIGKILL')
  },
})
