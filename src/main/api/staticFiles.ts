import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { contentTypeOf } from '../page/contentTypes.ts'

export interface StaticFile {
  readonly content: Buffer
  readonly type: string
  readonly etag: string
  readonly cacheControl: string
}

/** By path from the root: `/assets/index-4f2a91c0.js`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>

/** Vite writes eight characters of the content's hash into these names. */
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/

/**
 * Reads the renderer's files once. A path that is not in the map is not there: no request ever becomes a file name.
 * Empty when the folder is missing.
 */
export async function readStaticFiles(folder: string | null): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>()
  if (folder === null) return files
  for (const name of await namesIn(folder)) {
    const type = contentTypeOf(name)
    if (!type) continue
    const path = `/${name.split(sep).join('/')}`
    const content = await readFile(join(folder, name))
    files.set(path, {
      content,
      type,
      etag: `"${createHash('sha256').update(content).digest('base64url')}"`,
      cacheControl: HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
  }
  const index = files.get('/index.html')
  if (index) files.set('/', index)
  return files
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
