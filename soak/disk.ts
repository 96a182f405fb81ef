import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of its own for the data folder, that can be full. Where none can be mounted, the folder is a usual one. */
export interface Disk {
  readonly folder: string
  /** Why it cannot be full; null where it can. */
  readonly missing: string | null
  fill(): void
  free(): void
  remove(): void
}

const ROOM_BYTES = 2 ** 32

export function mountDisk(place: string): Disk {
  mkdirSync(place, { recursive: true })
  const mount = (...options: string[]): string | null => {
    const { status, stderr } = spawnSync('mount', [...options, place], { encoding: 'utf8' })
    return status === 0 ? null : (stderr ?? '').trim() || 'there is no "mount"'
  }
  const problem = mount('-t', 'tmpfs', '-o', `size=${ROOM_BYTES},mode=700`, 'tmpfs')
  const resize = (bytes: number): void => {
    const refused = mount('-o', `remount,size=${bytes}`)
    if (refused !== null) throw new Error(`The disk of the soak does not change its size: ${refused}`)
  }
  return {
    folder: join(place, 'data'),
    missing: problem === null ? null : `no file system can be mounted here (${problem})`,
    // It shrinks to what is in it: as full as any, and no memory is used up for that.
    fill() {
      const { blocks, bfree, bsize } = statfsSync(place)
      resize((blocks - bfree) * bsize)
    },
    free: () => resize(ROOM_BYTES),
    remove() {
      if (problem === null) spawnSync('umount', ['-l', place])
      rmSync(place, { recursive: true, force: true })
    },
  }
}
