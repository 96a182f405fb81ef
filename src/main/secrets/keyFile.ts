import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../shared/errors.ts'
import { prepareDataFolder } from '../state/dataFolder.ts'
import { argon2id, type Argon2Cost } from './argon2id.ts'
import { EnvelopeError, open, seal } from './envelope.ts'

export const KEY_FILE = 'master.key'

/** The master key in a file of the data folder, sealed with a passphrase. */
export interface KeyFile {
  readonly path: string
  isThere(): boolean
  open(passphrase: string): Promise<{ readonly master: Buffer } | { readonly problem: string; readonly state: 'locked' | 'damaged' }>
  /** Refuses where there is one already. */
  create(passphrase: string, master: Buffer): Promise<void>
  /** Puts another key in its place, at once or not at all. */
  replace(passphrase: string, master: Buffer): Promise<void>
}

export const SHORTEST_PASSPHRASE = 12

const MASTER_BYTES = 32
const SALT_BYTES = 16
/** People's passphrases are guessed: each guess is to cost more than with keys of chance. */
const COST: Argon2Cost = { memory: 65_536, passes: 3, lanes: 1 }
/** A file that asks for more is none of ours. */
const Contents = z.strictObject({
  format: z.literal('iron-cage-master-key'),
  version: z.literal(1),
  argon2id: z.strictObject({ memory: z.int().min(8_192).max(1_048_576), passes: z.int().min(1).max(16), lanes: z.int().min(1).max(16) }),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  sealed: z.string().regex(/^(?:[0-9a-f]{2}){30,200}$/),
})

export function createKeyFile(folder: string): KeyFile {
  const path = join(folder, KEY_FILE)

  /** Written whole beside its place; on disk when this returns. */
  async function written(passphrase: string, master: Buffer): Promise<string> {
    if (passphrase.length < SHORTEST_PASSPHRASE) {
      throw new AppError('INVALID_INPUT', `The passphrase has ${passphrase.length} characters; take at least ${SHORTEST_PASSPHRASE}.`)
    }
    const salt = randomBytes(SALT_BYTES)
    const sealed = await sealedWith(passphrase, salt, COST, (key) => seal(key, master, contextOf(COST, salt)))
    const contents = { format: 'iron-cage-master-key', version: 1, argon2id: COST, salt: salt.toString('hex'), sealed: sealed.toString('hex') }
    prepareDataFolder(folder)
    const draft = `${path}.${randomBytes(4).toString('hex')}.new`
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeSync(file, `${JSON.stringify(contents, null, 2)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    return draft
  }

  return {
    path,
    isThere: () => existsSync(path),
    async open(passphrase) {
      const contents = read(path)
      if ('problem' in contents) return { problem: contents.problem, state: 'damaged' }
      const { argon2id: cost, salt: digits, sealed } = contents.parsed
      const salt = Buffer.from(digits, 'hex')
      try {
        const master = await sealedWith(passphrase, salt, cost, (key) => open(key, Buffer.from(sealed, 'hex'), contextOf(cost, salt)))
        return master.length === MASTER_BYTES ? { master } : { problem: damaged(path), state: 'damaged' }
      } catch (problem) {
        if (problem instanceof EnvelopeError) return { problem: `The passphrase does not open ${path}: it is another one, or the file was changed.`, state: 'locked' }
        throw problem
      }
    },
    async create(passphrase, master) {
      if (existsSync(path)) throw taken(path)
      const draft = await written(passphrase, master)
      try {
        // Unlike a rename it never takes another's place.
        linkSync(draft, path)
      } catch (problem) {
        throw (problem as NodeJS.ErrnoException).code === 'EEXIST' ? taken(path) : problem
      } finally {
        rmSync(draft, { force: true })
      }
      settle(folder)
    },
    async replace(passphrase, master) {
      renameSync(await written(passphrase, master), path)
      settle(folder)
    },
  }
}

function read(path: string): { readonly parsed: z.infer<typeof Contents> } | { readonly problem: string } {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
    const parsed = Contents.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success ? { parsed: parsed.data } : { problem: damaged(path) }
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException
    return { problem: code === undefined ? damaged(path) : `The key file ${path} cannot be read (${code}).` }
  }
}

async function sealedWith(passphrase: string, salt: Buffer, cost: Argon2Cost, step: (key: Buffer) => Buffer): Promise<Buffer> {
  const password = Buffer.from(passphrase, 'utf8')
  const key = await argon2id(password, salt, cost).finally(() => password.fill(0))
  try {
    return step(key)
  } finally {
    key.fill(0)
  }
}

/** The name of a file is durable with its folder. */
function settle(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(dirname(join(folder, KEY_FILE)), 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function contextOf(cost: Argon2Cost, salt: Buffer): string {
  return `key-file:${cost.memory}:${cost.passes}:${cost.lanes}:${salt.toString('hex')}`
}

function damaged(path: string): string {
  return `The key file ${path} is damaged, or is none of ours; put a copy of it back.`
}

function taken(path: string): AppError {
  return new AppError('CONFLICT', `There is a key file already: ${path}. Use "iron_cage secrets rekey" to change the master key.`)
}
