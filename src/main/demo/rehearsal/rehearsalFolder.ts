import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A data folder of its own: the user's is neither read nor written. */
export interface RehearsalFolder {
  readonly path: string
  readonly environment: Readonly<Record<string, string | undefined>>
  remove(): Promise<void>
}

/** Settings, keys and addresses that somebody has for their own agents say nothing about a rehearsal; which Python it is does. */
const NOT_TAKEN = /^(?:IRON_(?!CAGE_INTERPRETER$)|OPENAI_|ANTHROPIC_|LINKEDIN_|CLEARBIT_|LEADS_)/

/** The demo of this data folder lends its LangChain, where it has one: what is rehearsed is what will run. */
export async function makeRehearsalFolder(environment: Readonly<Record<string, string | undefined>>, dataFolder: string): Promise<RehearsalFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'iron-cage-rehearsal-')))
  await mkdir(join(path, 'demo'), { mode: 0o700 })
  // One that leads nowhere is none.
  await symlink(join(dataFolder, 'demo', 'python'), join(path, 'demo', 'python'), 'junction')
  const taken = Object.entries(environment).filter(([name]) => !NOT_TAKEN.test(name))
  return {
    path,
    environment: { ...Object.fromEntries(taken), IRON_CAGE_HOME: path, IRON_CAGE_KEYCHAIN: 'off', IRON_SECRETS_MASTER_KEY: randomBytes(32).toString('hex') },
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}
