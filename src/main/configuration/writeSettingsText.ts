import { chmod, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../shared/errors.ts'

/** Whole or not at all: whoever reads it meanwhile reads the old text. A link leads where it did, and who may read it stays. */
export async function writeSettingsText(path: string, text: string, suffix: string): Promise<void> {
  try {
    const place = await realpath(path).catch(ignoreMissing)
    const target = place ?? path
    const mode = place === null ? 0o600 : (await stat(target)).mode & 0o777
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    const draft = `${target}.${suffix}.draft`
    try {
      const file = await open(draft, 'wx', mode)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      // Whatever the process's mask has taken away.
      await chmod(draft, mode)
      await rename(draft, target)
    } catch (problem) {
      await rm(draft, { force: true })
      throw problem
    }
    await settle(dirname(target))
  } catch (problem) {
    throw new AppError('UNAVAILABLE', `${path} cannot be written (${(problem as NodeJS.ErrnoException).code ?? String(problem)}); nothing was changed.`)
  }
}

/** The name of a file is durable with its folder. */
async function settle(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

function ignoreMissing(problem: NodeJS.ErrnoException): null {
  if (problem.code === 'ENOENT') return null
  throw problem
}
