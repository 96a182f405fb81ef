import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
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
const PROBE_BYTES = 2 ** 20
/** What is written meanwhile makes it larger than it was asked to be. */
const MOST_TRIES = 100

export function mountDisk(place: string): Disk {
  mkdirSync(place, { recursive: true })
  const mount = (...options: string[]): string | null => {
    const { status, stderr } = spawnSync('mount', [...options, place], { encoding: 'utf8' })
    return status === 0 ? null : (stderr ?? '').trim().split('\n')[0] || 'there is no "mount"'
  }
  const resize = (bytes: number): string | null => mount('-o', `remount,size=${bytes}`)
  // It shrinks to what is in it: as full as any, and no memory is used up for that.
  const fill = (): void => {
    for (let tries = 1; ; tries++) {
      const { blocks, bfree, bsize } = statfsSync(place)
      const refused = resize((blocks - bfree) * bsize)
      if (refused === null) return
      if (tries === MOST_TRIES) throw new Error(`The disk of the soak does not change its size: ${refused}`)
    }
  }
  const free = (): void => {
    const refused = resize(ROOM_BYTES)
    if (refused !== null) throw new Error(`The disk of the soak does not become larger again: ${refused}`)
  }
  const problem = mount('-t', 'tmpfs', '-o', `size=${ROOM_BYTES},mode=700`, 'tmpfs')
  let missing = problem === null ? null : `no file system can be mounted here (${problem})`
  if (missing === null && !becomesFull(place, { fill, free })) {
    missing = 'the file system that was mounted here does not become full when it is told to'
    spawnSync('umount', ['-l', place])
  }
  return {
    folder: join(place, 'data'),
    missing,
    fill,
    free,
    remove() {
      if (missing === null) spawnSync('umount', ['-l', place])
      rmSync(place, { recursive: true, force: true })
    },
  }
}

/** Some kernels take such an order without obeying it. */
function becomesFull(place: string, { fill, free }: Pick<Disk, 'fill' | 'free'>): boolean {
  const probe = join(place, 'probe')
  const fits = (): boolean => {
    try {
      writeFileSync(probe, Buffer.alloc(PROBE_BYTES))
      return true
    } catch {
      return false
    } finally {
      rmSync(probe, { force: true })
    }
  }
  try {
    writeFileSync(join(place, 'something'), 'An empty disk has no size.')
    fill()
    const isFull = !fits()
    free()
    return isFull && fits()
  } catch {
    return false
  }
}
