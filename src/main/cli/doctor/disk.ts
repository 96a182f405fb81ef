import { statfs } from 'node:fs/promises'
import { formatBytes } from '../../../shared/format.ts'
import { nearestFolder } from './dataFolder.ts'
import type { Check, Finding } from './finding.ts'

/** A week of logs, recordings and events, with room to spare. */
const COMFORTABLE_BYTES = 1_000_000_000
const LEAST_BYTES = 100_000_000

export const checkDisk: Check = async ({ dataFolder }) => {
  const { bavail, bsize } = await statfs(nearestFolder(dataFolder))
  return judgeDisk(bavail * bsize)
}

export function judgeDisk(free: number): Finding {
  const message = `${formatBytes(free)} free`
  if (free >= COMFORTABLE_BYTES) return { name: 'Disk', state: 'ok', message, advice: null }
  const state = free < LEAST_BYTES ? 'problem' : 'warning'
  return { name: 'Disk', state, message, advice: `Free some space: ${formatBytes(COMFORTABLE_BYTES)} or more is comfortable.` }
}
