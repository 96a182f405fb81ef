import { readdirSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { OWNER_TOKEN_FILE } from '../src/main/access/ownerToken.ts'
import { openApi, type Api } from '../src/main/api/openApi.ts'
import { composeControlRoom } from '../src/main/compose.ts'
import type { ControlRoom } from '../src/main/controlRoom.ts'
import type { Clock } from '../src/main/ports.ts'
import { systemClock, systemRandom } from '../src/main/systemPorts.ts'

/** A whole room with its real doors, in a process that can be killed, on a clock that jumps when it is told to. `host.ts DATA_FOLDER` */

export type HostOrder = { readonly kind: 'jump'; readonly byMs: number } | { readonly kind: 'read' } | { readonly kind: 'stop' }

/** After the garbage was collected, where it can be. */
export interface HostReading {
  readonly heapMb: number
  readonly residentMb: number
  readonly files: number
  /** Of them, by what they are: `socket`, `pipe`, a file's name. */
  readonly kinds: Readonly<Record<string, number>>
  /** What keeps the event loop alive, by kind. */
  readonly resources: number
}
export type HostAnswer = { readonly kind: 'opened'; readonly port: number; readonly token: string } | ({ readonly kind: 'holds' } & HostReading)

/** As the command line leaves where the database cannot be used. */
const CANNOT_STORE_EXIT = 74

const [dataFolder = ''] = process.argv.slice(2)
let ahead = 0
const clock: Clock = { now: () => systemClock.now() + ahead, after: systemClock.after }
let room: ControlRoom | null = null
let api: Api | null = null

async function leave(code: number): Promise<void> {
  try {
    await api?.close()
    await room?.stop()
  } catch (problem) {
    process.stderr.write(`Leaving: ${String(problem)}\n`)
    process.exit(code === 0 ? 1 : code)
  }
  process.exit(code)
}

let leaving: Promise<void> | null = null
const leaveOnce = (code: number): void => void (leaving ??= leave(code))

function read(): HostReading {
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heapMb: (heapUsed + external) / 1e6, residentMb: rss / 1e6, ...openFiles(), resources: process.getActiveResourcesInfo().length }
}

function openFiles(): Pick<HostReading, 'files' | 'kinds'> {
  const kinds: Record<string, number> = {}
  for (const name of readdirSync('/proc/self/fd')) {
    const kind = kindOf(name)
    if (kind !== null) kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return { files: Object.values(kinds).reduce((sum, count) => sum + count, 0), kinds }
}

/** Null for the one that reads this very list. */
function kindOf(name: string): string | null {
  try {
    const link = readlinkSync(`/proc/self/fd/${name}`)
    return link.startsWith('/') ? basename(link) : link.replace(/:.*/, '')
  } catch {
    return null
  }
}

process.on('message', (order: HostOrder) => {
  if (order.kind === 'jump') ahead += order.byMs
  else if (order.kind === 'read') process.send?.({ kind: 'holds', ...read() } satisfies HostAnswer)
  else leaveOnce(0)
})
process.on('disconnect', () => leaveOnce(1))

try {
  room = await composeControlRoom({
    clock,
    random: systemRandom,
    dataFolder,
    host: 'browser',
    version: '0.0.0',
    environment: process.env,
    onStopRequested: (problem) => leaveOnce(problem === undefined ? 0 : CANNOT_STORE_EXIT),
  })
  api = await openApi(room, { port: 0, rendererFolder: null, version: '0.0.0', clock })
  const token = (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()
  process.send?.({ kind: 'opened', port: api.port, token } satisfies HostAnswer)
} catch (problem) {
  process.stderr.write(`The room did not open: ${problem instanceof Error ? problem.message : String(problem)}\n`)
  leaveOnce(CANNOT_STORE_EXIT)
}
