import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export const LOG_FILE = 'control-room.log'
const ROTATED = /^control-room-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}Z)(?:-\d+)?\.log$/

export interface RotatedFile {
  readonly path: string
  /** When it was put aside: its last entry is no younger. */
  readonly at: number
}

export function logFolder(dataFolder: string): string {
  return join(dataFolder, 'logs')
}

export function rotatedName(at: number, attempt: number): string {
  const moment = new Date(at).toISOString().replaceAll(':', '-')
  return attempt === 0 ? `control-room-${moment}.log` : `control-room-${moment}-${attempt}.log`
}

/** Oldest first. */
export function listRotated(folder: string): RotatedFile[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const moment = ROTATED.exec(name)?.[1]
      return moment === undefined ? [] : [{ path: join(folder, name), at: Date.parse(toIso(moment)) }]
    })
    .sort((one, other) => one.at - other.at || one.path.length - other.path.length || (one.path < other.path ? -1 : 1))
}

function toIso(moment: string): string {
  return moment.replace(/T(\d{2})-(\d{2})-/, 'T$1:$2:')
}
