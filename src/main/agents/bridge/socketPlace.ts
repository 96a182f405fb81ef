import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SocketPlace {
  readonly path: string
  remove(): Promise<void>
}

/** The shortest limit there is for a Unix socket's path is 104 bytes, with the zero at its end. */
const LONGEST_PATH_BYTES = 103
const NAME = 'bridge'

/** Where only this user comes in: in the data folder, or where its path is too long, in a folder of its own among the temporary ones. */
export async function findSocketPlace(dataFolder: string, platform: NodeJS.Platform = process.platform): Promise<SocketPlace> {
  if (platform === 'win32') return { path: `\\\\.\\pipe\\iron-cage-${randomBytes(16).toString('hex')}`, remove: async () => undefined }
  const own = join(dataFolder, 'run')
  if (isShort(join(own, NAME))) {
    await mkdir(own, { recursive: true, mode: 0o700 })
    await chmod(own, 0o700)
    const path = join(own, NAME)
    // Left by a room that was killed; the data folder is ours alone by now.
    await rm(path, { force: true })
    return { path, remove: () => rm(own, { recursive: true, force: true }) }
  }
  const folder = await mkdtemp(join(isShort(join(tmpdir(), 'iron-cage-XXXXXX', NAME)) ? tmpdir() : '/tmp', 'iron-cage-'))
  return { path: join(folder, NAME), remove: () => rm(folder, { recursive: true, force: true }) }
}

function isShort(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_PATH_BYTES
}
