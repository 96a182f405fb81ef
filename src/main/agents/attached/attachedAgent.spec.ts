import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LaunchPlan } from '../../../shared/domain/agent.ts'
import { ATTACHED } from '../../../shared/domain/attached.ts'
import { samplePlan } from '../../../shared/domain/testAgents.ts'
import { createTestSupervisor, INVENTED_ADDRESS, type TestSupervisor } from '../testSupervisor.ts'
import { terminalHandlers } from '../terminalHandlers.ts'
import { WITHOUT_TERMINAL, type AttachedRun } from './attachedAgent.ts'

let room: TestSupervisor
const processes: ChildProcess[] = []
beforeEach(async () => {
  room = await createTestSupervisor()
})
afterEach(async () => {
  await room.close()
  for (const one of processes.splice(0)) {
    if (one.exitCode !== null || one.signalCode !== null) continue
    const ended = once(one, 'exit')
    one.kill('SIGKILL')
    await ended
  }
})

const attachedPlan = (changes: Partial<LaunchPlan> = {}): LaunchPlan =>
  samplePlan({ interpreter: ATTACHED, command: ['/invented/leads.py'], restart: 'never', maxRestarts: 0, gracePeriodMs: 300, ...changes })

/** A process of its own that has said that it runs. */
async function startProcess(text = 'import time; print("ready", flush=True); time.sleep(60)'): Promise<ChildProcess & { pid: number }> {
  const child = spawn('python3', ['-c', text], { stdio: ['pipe', 'pipe', 'inherit'] })
  processes.push(child)
  await once(child.stdout, 'data')
  return child as unknown as ChildProcess & { pid: number }
}

async function attach(changes: Partial<LaunchPlan> = {}, text?: string): Promise<{ child: ChildProcess & { pid: number }; run: AttachedRun }> {
  const child = await startProcess(text)
  return { child, run: await room.supervisor.attach(attachedPlan(changes), child.pid) }
}

const IGNORES = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print("ready", flush=True); time.sleep(60)'

describe('a process that was attached', () => {
  it('is an agent that runs, with a token of its own and an environment', async () => {
    const { child, run } = await attach()
    expect(run.agent).toMatchObject({ status: 'running', pid: child.pid, reason: null, restarts: 0 })
    expect(run.environment).toMatchObject({ IRON_CAGE_RUN_TOKEN: run.runToken })
    expect(room.supervisor.list()).toEqual([run.agent])
    expect(room.supervisor.runOfToken(run.runToken)).toMatchObject({ agentId: run.agent.id })
  })

  it('leaves, and lives on: its token opens nothing any more', async () => {
    const { child, run } = await attach()
    const { id } = run.agent
    expect(await room.supervisor.detach(id, { isOk: true, reason: null })).toMatchObject({ status: 'stopped', pid: null, reason: null })
    expect(room.supervisor.runOfToken(run.runToken)).toBeNull()
    expect([child.exitCode, child.signalCode]).toEqual([null, null])
    // Again, after all was over.
    expect(await room.supervisor.detach(id, { isOk: false, reason: 'late' })).toMatchObject({ status: 'stopped', reason: null })
  })

  it('leaves in trouble, and what it says of that is redacted', async () => {
    const { run } = await attach()
    const left = await room.supervisor.detach(run.agent.id, { isOk: false, reason: `ValueError: no mail for ${INVENTED_ADDRESS}` })
    expect(left).toMatchObject({ status: 'crashed', reason: 'ValueError: no mail for [EMAIL_REDACTED]' })
  })

  it('is over when its process is gone', async () => {
    const { child, run } = await attach()
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    expect(await room.supervisor.processMetrics(run.agent.id)).toMatchObject({ processes: 0, status: 'running' })
    expect(room.supervisor.get(run.agent.id)).toMatchObject({ status: 'crashed', reason: 'Its process ended without leaving the room.' })
    expect(room.supervisor.runOfToken(run.runToken)).toBeNull()
  })

  it('may come again, and be there several times', async () => {
    const { child, run } = await attach()
    const again = await room.supervisor.attach(attachedPlan(), child.pid)
    expect(again.agent.id).not.toBe(run.agent.id)
    await room.supervisor.detach(run.agent.id, { isOk: true, reason: null })
    expect(room.supervisor.get(again.agent.id).status).toBe('running')
  })

  it('is counted with its children', async () => {
    const { run } = await attach({}, 'import subprocess, time; subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL); print("ready", flush=True); time.sleep(60)')
    const { processes: count, residentBytes } = await room.supervisor.processMetrics(run.agent.id)
    expect([count, residentBytes > 0]).toEqual([2, true])
    await room.supervisor.stop(run.agent.id, 'asked')
  })
})

describe('stopping it', () => {
  it('ends its process with SIGTERM where nobody of it listens', async () => {
    const { child, run } = await attach()
    const ended = once(child, 'exit')
    expect(await room.supervisor.stop(run.agent.id, 'asked')).toMatchObject({ status: 'stopped', survivors: 0, pid: null })
    expect(await ended).toEqual([null, 'SIGTERM'])
    expect(room.supervisor.runOfToken(run.runToken)).toBeNull()
  })

  it('ends one that will not listen, when its grace is over', async () => {
    const { child, run } = await attach({}, IGNORES)
    const ended = once(child, 'exit')
    expect(await room.supervisor.stop(run.agent.id, 'blocked', 'An address was found.')).toMatchObject({ status: 'blocked', reason: 'An address was found.', survivors: 0 })
    expect(await ended).toEqual([null, 'SIGKILL'])
  })

  it.each([7_200_000, -7_200_000])('ends it when its grace is over, though somebody sets the time by %i ms meanwhile', async (byMs) => {
    const { child, run } = await attach({}, IGNORES)
    const ended = once(child, 'exit')
    const now = Date.now
    room.askToEnd = () => {
      vi.spyOn(Date, 'now').mockImplementation(() => now() + byMs)
      return false
    }
    expect(await room.supervisor.stop(run.agent.id, 'asked')).toMatchObject({ status: 'stopped', survivors: 0 })
    expect(await ended).toEqual([null, 'SIGKILL'])
  })

  it('asks first: one that leaves then is left alone', async () => {
    const { child, run } = await attach({ gracePeriodMs: 60_000 })
    const asked: string[] = []
    room.askToEnd = (agentId, reason) => {
      asked.push(reason)
      void room.supervisor.detach(agentId, { isOk: true, reason: null })
      return true
    }
    const stopped = await room.supervisor.stop(run.agent.id, 'over-budget', 'The budget is used up.')
    expect(stopped).toMatchObject({ status: 'over-budget', survivors: null, reason: 'The budget is used up.' })
    expect([asked, child.exitCode, child.signalCode]).toEqual([['The budget is used up.'], null, null])
    expect(room.supervisor.runOfToken(run.runToken)).toBeNull()
  })

  it('is all there is: it is started again by nobody', async () => {
    const { run } = await attach()
    await expect(room.supervisor.restart(run.agent.id)).rejects.toMatchObject({ code: 'CONFLICT' })
    await room.supervisor.stop(run.agent.id, 'asked')
    await expect(room.supervisor.restart(run.agent.id)).rejects.toMatchObject({ code: 'CONFLICT' })
    await room.supervisor.remove(run.agent.id)
    expect(room.supervisor.list()).toEqual([])
  })
})

describe('the room', () => {
  it('leaves its process alone when it closes', async () => {
    const { child, run } = await attach({}, IGNORES)
    await room.supervisor.stopAll()
    expect(room.supervisor.get(run.agent.id)).toMatchObject({ status: 'stopped', reason: 'The control room was closed.' })
    expect([child.exitCode, child.signalCode]).toEqual([null, null])
  })

  it('finds an agent from before its own death no longer attached, and leaves its process alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'iron-cage-attached-'))
    try {
      const before = await createTestSupervisor(folder)
      const child = await startProcess()
      const { agent } = await before.supervisor.attach(attachedPlan(), child.pid)
      before.breakStore()
      await before.close()
      const after = await createTestSupervisor(folder)
      expect(after.supervisor.get(agent.id)).toMatchObject({ status: 'stopped', reason: expect.stringContaining('left alone') })
      expect([child.exitCode, child.signalCode]).toEqual([null, null])
      await expect(after.supervisor.restart(agent.id)).rejects.toMatchObject({ code: 'CONFLICT' })
      await after.close()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('shows one line where a terminal would be, and records nothing', async () => {
    const { run } = await attach()
    expect(await room.shown(run.agent.id, 'did not start')).toBe('The room did not start this process: what it prints stays where it was started.\r\n')
    expect(await terminalHandlers(room.supervisor)['terminal.tail']({ agentId: run.agent.id, lines: 9 }, { role: 'admin', id: 'owner' })).toEqual({
      lines: [{ at: run.agent.createdAt, text: WITHOUT_TERMINAL }],
    })
  })

  it.each([
    ['a process that is not there', 2 ** 22 + 1, 'NOT_FOUND'],
    ['itself', process.pid, 'INVALID_INPUT'],
  ])('attaches not %s', async (_what, pid, code) => {
    await expect(room.supervisor.attach(attachedPlan(), pid)).rejects.toMatchObject({ code })
    expect(room.supervisor.list()).toEqual([])
  })

  it('attaches 200 at most', async () => {
    const child = await startProcess()
    for (let count = 0; count < 200; count++) await room.supervisor.attach(attachedPlan(), child.pid)
    await expect(room.supervisor.attach(attachedPlan(), child.pid)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('stops only what it was told to: a pid that has another start is somebody else', async () => {
    const { child, run } = await attach()
    const { rowOf } = await import('./foreignProcess.ts')
    const rows = [{ pid: child.pid, start: 'later', parent: 1, group: 1, session: 1, isZombie: false, cpuMs: 0, residentBytes: 0 }]
    expect(rowOf({ pid: child.pid, start: 'earlier' }, rows)).toBeNull()
    expect(run.agent.status).toBe('running')
  })
})
