import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import type { Agent } from '../src/shared/domain/agent.ts'
import { isAlive } from '../src/shared/domain/agentStatus.ts'
import type { Budget } from '../src/shared/domain/budget.ts'
import { held } from '../src/main/leaks/testPrivate.ts'
import { readExposition } from '../src/main/metrics/testExposition.ts'
import { DATABASE_FILE } from '../src/main/state/openDatabase.ts'
import type { Disk } from './disk.ts'
import type { Deed } from './plan.ts'
import type { SoakRoom } from './room.ts'

/** What each step of the plan does. Whatever is refused, or finds no room, has simply not been done. */

export interface Scene {
  readonly room: SoakRoom
  readonly disk: Disk
  /** Where agents have what they leak and their counts; not the room's. */
  readonly folder: string
  readonly upstream: string
  /** Stands in the environment of every process that an agent has started. */
  readonly mark: string
  readonly secrets: Secrets
  /** What went otherwise than it may. */
  readonly problems: string[]
}

/** Every value that the rotated secret has ever had. */
export interface Secrets {
  readonly values: readonly string[]
  create(room: SoakRoom): Promise<void>
  rotate(room: SoakRoom): Promise<void>
}

const MOST_RUNNING = 6
const MOST_LISTED = 10
const ROLES = ['worker', 'worker', 'leaker', 'crasher', 'brancher', 'spender'] as const
const DOLLAR = 1_000_000_000

const choose = <T>(list: readonly T[], chance: number): T | undefined => list[Math.floor(chance * list.length)]

export async function agentsOf(room: SoakRoom, patienceMs?: number): Promise<Agent[]> {
  const answer = (await room.ask('GET', '/api/agents', undefined, patienceMs)) as { agents: Agent[] } | null
  return answer?.agents ?? []
}

type Act = (scene: Scene, chance: number) => Promise<unknown>

export const DEEDS: Readonly<Record<Deed, Act>> = {
  async start({ room, folder, upstream }, chance) {
    const agents = await agentsOf(room)
    if (agents.filter(({ status }) => isAlive(status)).length >= MOST_RUNNING) return
    const role = choose(ROLES, chance) ?? 'worker'
    await room.ask('POST', '/api/agents', {
      script: join(import.meta.dirname, 'agent.mjs'),
      args: [role, String(Math.floor(chance * 1_000_000)), folder],
      workingDirectory: folder,
      // By its name it is known for a secret; nothing else tells that word from others.
      variables: { SEEDED_PASSWORD: held['password'] },
      provider: 'live',
      upstreamOpenai: upstream,
      budget: role === 'spender' ? (0.02 + chance / 10).toFixed(3) : '50',
      atLimit: chance < 0.95 ? 'ask' : 'end',
      parkForMs: 15_000,
      gracePeriodMs: 1_000,
    })
  },
  async stop({ room }, chance) {
    const one = choose((await agentsOf(room)).filter(({ status }) => isAlive(status)), chance)
    if (one) await room.ask('POST', `/api/agents/${one.id}/stop`)
  },
  async restart({ room }, chance) {
    const one = choose(await agentsOf(room), chance)
    if (one) await room.ask('POST', `/api/agents/${one.id}/restart`)
  },
  /** The list stays short, so that memory can be compared with memory. */
  async remove({ room }) {
    const agents = await agentsOf(room)
    const over = agents.filter(({ status }) => !isAlive(status)).slice(agents.length > MOST_LISTED ? 0 : 2)
    for (const { id } of over) await room.ask('DELETE', `/api/agents/${id}`)
  },
  rotate: ({ secrets, room }) => secrets.rotate(room),
  async decide({ room }, chance) {
    const answer = (await room.ask('GET', '/api/budgets')) as { budgets: Budget[] } | null
    const waiting = (answer?.budgets ?? []).filter(({ parked }) => parked.length > 0)
    for (const { agentId } of waiting) {
      if (chance < 0.6) await room.ask('POST', `/api/agents/${agentId}/budget`, { by: DOLLAR / 20, reason: 'It works well.' })
      else await room.ask('POST', `/api/agents/${agentId}/budget/decline`, { reason: 'It was enough.' })
    }
  },
  async killAgent({ room, mark }, chance) {
    const pids = (await agentsOf(room)).flatMap(({ pid, status }) => (pid !== null && isAlive(status) ? [pid] : []))
    const pid = choose(pids, chance)
    if (pid !== undefined && isOurs(pid, mark)) kill(pid)
  },
  async read({ room, problems }) {
    const text = await room.ask('GET', '/metrics')
    if (typeof text !== 'string') return
    try {
      readExposition(text)
    } catch (problem) {
      problems.push(`The metrics cannot be read: ${String(problem)}`)
    }
  },

  killRoom: ({ room }) => room.end('kill'),
  stopRoom: ({ room }) => room.end('stop'),
  async fillDisk({ disk, room }, chance) {
    if (disk.missing !== null) return
    try {
      disk.fill()
      await Promise.race([room.gone, pause(1_500 + chance * 2_500)])
    } finally {
      disk.free()
    }
  },
  lockShortly: (scene, chance) => lock(scene, 300 + chance * 1_000),
  lockLong: (scene, chance) => lock(scene, 3_000 + chance * 2_000),
  jumpAhead: async ({ room }, chance) => room.order({ kind: 'jump', byMs: Math.round(1_000 + chance * 7_200_000) }),
  jumpBack: async ({ room }, chance) => room.order({ kind: 'jump', byMs: -Math.round(1_000 + chance * 7_200_000) }),
}

/** Somebody else's backup, say: nothing can be written meanwhile. */
async function lock({ disk, room }: Scene, lengthMs: number): Promise<void> {
  const database = new DatabaseSync(join(disk.folder, DATABASE_FILE))
  try {
    database.exec('PRAGMA busy_timeout = 2000; BEGIN IMMEDIATE')
    await Promise.race([room.gone, pause(lengthMs)])
    database.exec('ROLLBACK')
  } catch {
    // The room was busy with it itself.
  } finally {
    database.close()
  }
}

export function isOurs(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
  } catch {
    return false
  }
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has left by itself.
  }
}
