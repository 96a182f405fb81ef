import { randomBytes } from 'node:crypto'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A data folder of its own: the user's is neither read nor written. */
export interface RehearsalFolder {
  readonly path: string
  readonly environment: Readonly<Record<string, string | undefined>>
  remove(): Promise<void>
}

/** Settings, keys and addresses that somebody has for their own agents say nothing about a rehearsal. */
const NOT_TAKEN = /^(?:IRON_|OPENAI_|ANTHROPIC_|LINKEDIN_|CLEARBIT_|LEADS_)/

export async function makeRehearsalFolder(environment: Readonly<Record<string, string | undefined>>): Promise<RehearsalFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'iron-cage-rehearsal-')))
  const taken = Object.entries(environment).filter(([name]) => !NOT_TAKEN.test(name))
  return {
    path,
    environment: { ...Object.fromEntries(taken), IRON_CAGE_HOME: path, IRON_CAGE_KEYCHAIN: 'off', IRON_SECRETS_MASTER_KEY: randomBytes(32).toString('hex') },
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}
