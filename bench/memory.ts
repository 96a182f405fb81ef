import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import type { CDPSession } from '@playwright/test'
import { WebSocket } from 'ws'

/** What a page's script holds, in megabytes: objects, and the buffers behind them. */
export async function pageHeapMb(wire: CDPSession, collectFirst: boolean): Promise<number> {
  if (collectFirst) {
    // What only weak references and finalizers held goes at the second time.
    await wire.send('HeapProfiler.collectGarbage')
    await wire.send('HeapProfiler.collectGarbage')
  }
  const { usedSize, backingStorageSize, embedderHeapUsedSize } = await wire.send('Runtime.getHeapUsage')
  return (usedSize + backingStorageSize + embedderHeapUsedSize) / 1e6
}

/** Resident memory of a process, in megabytes. */
export function residentMb(pid: number): number {
  return (Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024) / 1e6
}

/** Lets a Node process open its inspector on a port of its choice, for `collectGarbageIn`. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' }

/** Collects the garbage of a Node process that wrote its inspector's address on its standard error. */
export async function collectGarbageIn(output: string): Promise<void> {
  const address = /ws:\/\/127\.0\.0\.1:\S+/.exec(output)?.[0]
  if (!address) throw new Error('The process did not tell where its inspector is.')
  const inspector = new WebSocket(address)
  await once(inspector, 'open')
  inspector.send('{"id":1,"method":"HeapProfiler.collectGarbage"}')
  await once(inspector, 'message')
  inspector.terminate()
}
