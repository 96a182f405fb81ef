import { chmod, link, lstat, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import type { Random } from '../ports.ts'

export const OWNER_TOKEN_FILE = 'owner.token'

const TOKEN = /^[A-Za-z0-9_-]{43,128}$/
const hasUnixModes = process.platform !== 'win32'

/** The owner's bearer token: made at the first start, then kept. */
export async function readOwnerToken(
  dataFolder: string,
  random: Random,
  onWarning: (sentence: string) => void,
): Promise<string> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const file = join(dataFolder, OWNER_TOKEN_FILE)
  await makeOnce(file, random)
  await closeToOthers(file, onWarning)
  const token = (await readFile(file, 'utf8')).trim()
  if (TOKEN.test(token)) return token
  throw new AppError(
    'INVALID_CONFIGURATION',
    `${file} holds no owner token (43 or more letters, digits, "-" or "_" were expected). Delete it, and the next start makes a new one.`,
  )
}

/** Written aside and linked into place: whoever finds the file finds all of it, and of two starts at once one wins. */
async function makeOnce(file: string, random: Random): Promise<void> {
  if (await exists(file)) return
  const draft = `${file}.${random.hex(8)}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${random.hex(32)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(draft, file)
  } catch (error) {
    if (!(await exists(file))) throw error
  } finally {
    await unlink(draft)
  }
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

async function closeToOthers(file: string, onWarning: (sentence: string) => void): Promise<void> {
  const status = await lstat(file)
  if (!status.isFile()) {
    throw new AppError('INVALID_CONFIGURATION', `${file} is no plain file. Take it away, and the next start makes a new one.`)
  }
  if (!hasUnixModes) return
  if (status.uid !== process.getuid?.()) {
    throw new AppError(
      'INVALID_CONFIGURATION',
      `${file} belongs to another user of this machine, who could know the token. Take it away, and the next start makes a new one.`,
    )
  }
  if ((status.mode & 0o077) === 0) return
  await chmod(file, 0o600)
  onWarning(
    `${file} was open to other users of this machine and has been closed. If any of them is not you, delete it and start again: that makes a new token.`,
  )
}
