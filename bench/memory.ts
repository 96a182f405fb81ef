import { execFileSync } from 'node:child_process'
import type { CDPSession } from '@playwright/test'

/** What a page's script holds, in megabytes: objects, and the buffers behind them. */
export async function pageHeapMb(wire: CDPSession, collectFirst: boolean): Promise<number> {
  if (collectFirst) {
    // What only weak references and finalizers held goes at the second time.
    await wire.send('HeapProfiler.collectGarbage')
    await wire.send('HeapProfiler.collectGarbage')
  }
  const usage = (await wire.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number; embedderHeapUsedSize?: number }
  return (usage.usedSize + (usage.backingStorageSize ?? 0) + (usage.embedderHeapUsedSize ?? 0)) / 1e6
}

/** Resident memory of a process, in megabytes. */
export function residentMb(pid: number): number {
  return (Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024) / 1e6
}
