import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of its own for the data folder, small enough to be filled. Where none can be mounted, the folder is a usual one. */
export interface Disk {
  readonly folder: string
  /** Why it cannot be filled; null where it can. */
  readonly missing: string | null
  fill(): void
  free(): void
  remove(): void
}

const SIZE_MB = 512
const CHUNK = Buffer.alloc(1_000_000)
const FILLER = 'filler'

export function mountDisk(place: string): Disk {
  mkdirSync(place, { recursive: true })
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m,mode=700`, 'tmpfs', place], { encoding: 'utf8' })
  const missing = status === 0 ? null : `no small file system can be mounted here (${(stderr ?? '').trim() || 'there is no "mount"'})`
  const folder = join(place, 'data')
  const filler = join(place, FILLER)
  return {
    folder,
    missing,
    fill() {
      const file = openSync(filler, 'w')
      try {
        while (statfsSync(place).bavail > 0) writeSync(file, CHUNK)
      } catch {
        // Now it is full.
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      if (missing === null) spawnSync('umount', ['-l', place])
      rmSync(place, { recursive: true, force: true })
    },
  }
}
