import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Check, Finding } from './finding.ts'

const PATIENCE_MS = 8_000
/** A service of its own: what is stored under ours stays out of reach. */
const SERVICE = 'iron-cage-doctor'

/** Says one word on standard output, or the keyring's complaint on the other. */
const PROBE = `
  const [path, service, account] = process.argv.slice(1)
  const keytar = require(path)
  ;(async () => {
    await keytar.setPassword(service, account, 'throw-away')
    const found = await keytar.getPassword(service, account)
    const isGone = await keytar.deletePassword(service, account)
    process.stdout.write(found === 'throw-away' && isGone ? 'works' : 'forgets')
  })().catch((error) => { process.stderr.write(String(error.message || error)); process.exitCode = 1 })`

export type KeyringAnswer =
  | { readonly kind: 'works' }
  | { readonly kind: 'forgets' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'refuses'; readonly complaint: string }

export const checkKeyring: Check = async ({ environment, platform, applicationFolder }) => judgeKeyring(await ask(applicationFolder, environment), environment, platform)

/** In a process of its own: a locked keyring may wait for a password for ever, and a missing library may take the process down. */
function ask(applicationFolder: string, environment: Readonly<Record<string, string | undefined>>): Promise<KeyringAnswer> {
  const keytar = createRequire(join(applicationFolder, 'package.json')).resolve('keytar')
  const account = `probe-${randomBytes(6).toString('hex')}`
  return new Promise((resolve) => {
    const options = { env: environment, timeout: PATIENCE_MS, killSignal: 'SIGKILL' } as const
    execFile(process.execPath, ['-e', PROBE, keytar, SERVICE, account], options, (error, stdout, stderr) => {
      if (error?.killed) resolve({ kind: 'silent' })
      else if (stdout === 'works' || stdout === 'forgets') resolve({ kind: stdout })
      else resolve({ kind: 'refuses', complaint: complaintIn(stderr) })
    })
  })
}

function complaintIn(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  return (lines.find((line) => /error|cannot|failed/i.test(line)) ?? lines.find((line) => line !== '') ?? 'it ended without a word').slice(0, 200)
}

export function judgeKeyring(answer: KeyringAnswer, environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): Finding {
  if (answer.kind === 'works') return { name: 'Keyring', state: 'ok', message: 'an entry was stored, read and deleted', advice: null }
  const message = {
    forgets: () => 'an entry was stored, but not found again',
    silent: () => `no answer within ${PATIENCE_MS / 1000} seconds; it may be locked`,
    refuses: () => `not reachable: ${(answer as { complaint: string }).complaint}`,
  }[answer.kind]()
  if (environment.IRON_SECRETS_MASTER_KEY) {
    return { name: 'Keyring', state: 'ok', message: `${message}; IRON_SECRETS_MASTER_KEY takes its place`, advice: null }
  }
  const advice =
    platform === 'linux'
      ? 'Install libsecret-1-0 and a keyring such as gnome-keyring, and unlock it in your session; or set IRON_SECRETS_MASTER_KEY to 64 hex digits.'
      : 'Unlock your keychain; or set IRON_SECRETS_MASTER_KEY to 64 hex digits.'
  return { name: 'Keyring', state: 'warning', message, advice }
}
