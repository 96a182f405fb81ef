import { randomBytes } from 'node:crypto'
import { existsSync, type Stats } from 'node:fs'
import { rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Check, Finding } from './finding.ts'

const ELSEWHERE = 'or set IRON_CAGE_HOME to another folder.'

export const checkDataFolder: Check = async ({ dataFolder, platform }) => {
  const found = await stat(dataFolder).catch((problem: NodeJS.ErrnoException) => problem)
  if (found instanceof Error) return found.code === 'ENOENT' ? judgeParent(dataFolder) : finding('problem', `${dataFolder} cannot be reached (${found.code})`, `Mend it, ${ELSEWHERE}`)
  if (!found.isDirectory()) return finding('problem', `${dataFolder} is no folder`, `Move it away, ${ELSEWHERE}`)
  const trouble = await tryWriting(dataFolder)
  if (trouble !== null) return finding('problem', `${dataFolder} cannot be written to (${trouble})`, `Give your account the right to write there, ${ELSEWHERE}`)
  return platform === 'win32' ? finding('ok', dataFolder, null) : judgeOwner(dataFolder, found)
}

function judgeOwner(dataFolder: string, { uid, mode }: Stats): Finding {
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  if (uid !== process.getuid?.()) {
    return finding('warning', `${dataFolder} belongs to user ${uid}, not to you`, `Use it as that user, give it to yourself with chown, ${ELSEWHERE}`)
  }
  if ((mode & 0o077) !== 0) return finding('warning', `${dataFolder} is open to other users (mode ${shown})`, `Close it with: chmod 700 '${dataFolder}'`)
  return finding('ok', `${dataFolder}, yours alone (mode ${shown})`, null)
}

async function judgeParent(dataFolder: string): Promise<Finding> {
  const parent = nearestFolder(dataFolder)
  const trouble = await tryWriting(parent)
  if (trouble === null) return finding('ok', `${dataFolder} will be made at the first start`, null)
  return finding('problem', `${dataFolder} is not there and cannot be made in ${parent} (${trouble})`, `Give your account the right to write there, ${ELSEWHERE}`)
}

/** The folder itself, or the nearest one above it that is there. */
export function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path))
}

/** By doing it: permissions alone say nothing of a full or read-only disk. */
async function tryWriting(folder: string): Promise<string | null> {
  const probe = join(folder, `.doctor-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(probe, 'probe', { flag: 'wx', mode: 0o600 })
    return null
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code ?? String(problem)
  } finally {
    await rm(probe, { force: true })
  }
}

function finding(state: Finding['state'], message: string, advice: string | null): Finding {
  return { name: 'Data folder', state, message, advice }
}
