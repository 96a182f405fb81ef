import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import type { Random } from '../ports.ts'
import type { InstanceId } from './repositories.ts'

const FILE = 'room-name'
const NAME = /^[\w.-]{1,80}$/

/** What this data folder's control room is called among those that share a database: made once, and the same after a restart. */
export function instanceName(dataFolder: string, random: Random): InstanceId {
  const file = join(dataFolder, FILE)
  try {
    const known = read(file)
    if (known !== null) return known
    const name = `${hostname().replace(/[^\w.-]/g, '-').slice(0, 60)}-${random.hex(4)}`
    writeFileSync(file, `${name}\n`, { mode: 0o600 })
    return name
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException
    throw new AppError('UNAVAILABLE', `The name of this control room in ${file} cannot be read or written (${code}): give this account the right to, so that the room is known by the same name as before.`, { file })
  }
}

function read(file: string): InstanceId | null {
  try {
    const name = readFileSync(file, 'utf8').trim()
    return NAME.test(name) ? name : null
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw problem
  }
}
