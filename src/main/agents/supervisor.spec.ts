import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { procProcessTable } from './processTable.ts'
import { spawnPty } from './pty.ts'
import { readRecording } from './recording.ts'
import type { SupervisorOptions } from './supervisor.ts'
import { INVENTED_ADDRESS, createTestSupervisor, planOf, type TestSupervisor } from './testSupervisor.ts'

let room: TestSupervisor
beforeEach(async () => {
  room = await createTestSupervisor()
})
afterEach(async () => {
  await room.close()
})

async function isLiving(pid: number): Promise<boolean> {
  return (await procProcessTable.rows()).some((row) => row.pid === pid && !row.isZombie)
}

const FOREVER = 'echo ready; while :; do sleep 60; done'

describe('when nothing can be stored any more', () => {
  it('an agent that is stopped ends all the same, and the room is told', async () => {
    const { id, pid } = await room.supervisor.launch(planOf('sh', FOREVER))
    room.breakStore()
    expect(await room.supervisor.stop(id, 'asked')).toMatchObject({ status: 'stopped', survivors: 0, pid: null })
    expect(await isLiving(pid ?? 0)).toBe(false)
    expect(room.failures[0]).toMatchObject({ message: 'invented: the disk is full' })
  })

  it('an agent that ends by itself is not called running, and none of its processes is left', async () => {
    const { id } = await room.supervisor.launch(planOf('python3', 'input("ready"); import os; os.system("setsid sleep 60 &"); raise SystemExit(3)'))
    await room.shown(id, 'ready')
    room.breakStore()
    const told = room.supervisor.terminal(id)
    told.write('\r')
    // What is asked of an agent is done in turn: this comes after its end.
    await new Promise<void>((resolve) => room.onFailure(resolve))
    expect((await room.supervisor.stop(id, 'asked')).status).not.toBe('running')
    expect(room.supervisor.get(id)).toMatchObject({ exit: { code: 3, signal: null }, survivors: 0 })
  })

  it('nothing is started, and nothing is on the list', async () => {
    room.breakStore()
    await expect(room.supervisor.launch(planOf('sh', FOREVER))).rejects.toThrow('invented: the disk is full')
    expect(room.supervisor.list()).toEqual([])
  })
})

describe('where the system does not tell which processes there are', () => {
  it('an agent that could not be watched is ended at once, and says why', async () => {
    const pids: number[] = []
    const blind = await createTestSupervisor(undefined, null, {
      table: { ...procProcessTable, rows: () => Promise.reject(new Error('invented: no table')) },
      spawn(request) {
        const spawned = spawnPty(request)
        pids.push(spawned.pid)
        return spawned
      },
    })
    expect(await blind.supervisor.launch(planOf('sh', FOREVER))).toMatchObject({ status: 'crashed', pid: null, reason: expect.stringContaining('does not tell which processes there are (invented: no table).') })
    expect(await isLiving(pids[0] ?? 0)).toBe(false)
    await blind.close()
  })
})

describe('when the room closes', () => {
  it('nothing is started any more, nor started again', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', FOREVER))
    const closing = room.supervisor.stopAll()
    await expect(room.supervisor.restart(id)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(room.supervisor.launch(planOf('sh', FOREVER))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await closing
    expect(room.supervisor.list().map(({ status }) => status)).toEqual(['stopped'])
  })

  it('an agent whose end goes wrong keeps nobody from ending the others', async () => {
    let isWrong = false
    const createFilter: SupervisorOptions['createFilter'] = (_agentId, output) => {
      const isOfTheWrongOne = isWrong
      return {
        push: (data) => output({ shown: data, kept: data }),
        flush() {
          if (isOfTheWrongOne && isWrong) throw new Error('invented: no end')
        },
      }
    }
    const other = await createTestSupervisor(undefined, null, { createFilter })
    const slow = await other.supervisor.launch(planOf('sh', 'trap "sleep 0.3; exit" TERM; echo ready; while :; do sleep 0.1; done'))
    await other.shown(slow.id, 'ready')
    isWrong = true
    await other.supervisor.launch(planOf('sh', FOREVER))
    await expect(other.supervisor.stopAll()).rejects.toThrow('invented: no end')
    expect(other.supervisor.get(slow.id)).toMatchObject({ status: 'stopped', survivors: 0 })
    isWrong = false
    await other.close()
  })
})

describe('a supervised agent', () => {
  it('starts, shows what it prints, and finishes with its own exit code', async () => {
    const launched = await room.supervisor.launch(planOf('python3', 'print("hello, room")'))
    expect(launched).toMatchObject({ status: 'running', restarts: 0, reason: null })
    expect(launched.id).toMatch(/^lg-[0-9a-f]{8}$/)
    const done = await room.reached(launched.id, 'stopped')
    expect(done).toMatchObject({ exit: { code: 0, signal: null }, survivors: 0, pid: null })
    expect(room.supervisor.terminal(launched.id).ring.text()).toBe('hello, room\r\n')
  })

  it('runs in a terminal: it sees one, with colours, input and a size that follows', async () => {
    const text = 'import os,sys; print(sys.stdin.isatty(), os.get_terminal_size().columns); n=input("name? "); print("hi", n, os.get_terminal_size().columns)'
    const { id } = await room.supervisor.launch(planOf('python3', text), { columns: 90, rows: 20 })
    await room.shown(id, 'name? ')
    room.supervisor.terminal(id).resize({ columns: 123, rows: 40 })
    room.supervisor.terminal(id).write('Ada\r')
    await room.reached(id, 'stopped')
    const output = room.supervisor.terminal(id).ring.text()
    expect(output).toContain('True 90')
    expect(output).toContain('hi Ada 123')
  })

  it('gets Ctrl-C from its terminal as an interrupt', async () => {
    const { id } = await room.supervisor.launch(planOf('python3', 'import time\nprint("ready")\ntime.sleep(60)', { restart: 'never' }))
    await room.shown(id, 'ready')
    room.supervisor.terminal(id).write('\u0003')
    const ended = await room.reached(id, 'crashed')
    expect(ended.exit).toEqual({ code: null, signal: 'SIGINT' })
    expect(ended.lastOutput.at(-1)).toContain('KeyboardInterrupt')
  })

  it('is stopped with everything that it started, and says that nothing is left', async () => {
    const text = 'setsid sleep 60 & echo "away $!"; sleep 61 & echo "child $!"; while :; do sleep 1; done'
    const { id, pid } = await room.supervisor.launch(planOf('sh', text))
    const output = await room.shown(id, 'child ')
    const pids = [...output.matchAll(/(?:away|child) (\d+)/g)].map((match) => Number(match[1]))
    const stopped = await room.supervisor.stop(id, 'asked')
    expect(stopped).toMatchObject({ status: 'stopped', survivors: 0, reason: null })
    for (const one of [...pids, pid ?? 0]) expect(await isLiving(one)).toBe(false)
    const exited = room.events.find((event) => event.name === 'agent.exited')
    expect(exited?.message).toContain('0 survivors')
  })

  it('gets its grace period, and its last words are kept', async () => {
    const text = `
import os, signal, sys, time
def leave(*_):
    # print is not reentrant: the signal may come while "ready" is being printed.
    os.write(1, b"saving "); time.sleep(0.3); os.write(1, b"saved "); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
time.sleep(60)`
    const { id } = await room.supervisor.launch(planOf('python3', text))
    await room.shown(id, 'ready')
    const stopped = await room.supervisor.stop(id, 'asked')
    expect(stopped.exit).toEqual({ code: 0, signal: null })
    expect(room.supervisor.terminal(id).ring.text()).toContain('saved')
  })

  it('is killed when it ignores SIGTERM', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', `trap '' TERM; ${FOREVER}`, { gracePeriodMs: 200 }))
    await room.shown(id, 'ready')
    expect(await room.supervisor.stop(id, 'asked')).toMatchObject({ status: 'stopped', exit: { code: null, signal: 'SIGKILL' }, survivors: 0 })
  })

  it('leaves nothing behind when it ends by itself', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', 'setsid sleep 60 & echo "away $!"'))
    const done = await room.reached(id, 'stopped')
    const away = Number(/away (\d+)/.exec(room.supervisor.terminal(id).ring.text())?.[1])
    expect(done.survivors).toBe(0)
    expect(await isLiving(away)).toBe(false)
  })

  it('comes back in under five seconds after a crash, three times, then is parked with its last lines', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', 'for i in $(seq 60); do echo "line $i"; done; exit 3'))
    const parked = await room.reached(id, 'crashed')
    expect(parked).toMatchObject({ restarts: 3, exit: { code: 3, signal: null } })
    expect(parked.reason).toContain('3 restarts in a row')
    expect(parked.lastOutput).toHaveLength(50)
    expect(parked.lastOutput.at(-1)).toBe('line 60')
    const changes = room.events.flatMap((event) => (event.name === 'agent.changed' ? [{ at: event.at, status: event.payload.agent.status }] : []))
    for (const [index, change] of changes.entries()) {
      if (change.status !== 'restarting') continue
      const back = changes.slice(index).find((later) => later.status === 'running')
      expect((back?.at ?? Infinity) - change.at).toBeLessThan(5000)
    }
  }, 30_000)

  it('tells of its last output no part of what is private, wherever a line is cut', async () => {
    // Cut at 1,000 characters, in the middle of the address.
    const cut = `print("x" * 990, "${INVENTED_ADDRESS}"); print("\\x1b[1mceo\\x1b[0m@acme.test"); raise SystemExit(3)`
    const { id } = await room.supervisor.launch(planOf('python3', cut, { restart: 'never' }))
    expect((await room.reached(id, 'crashed')).lastOutput).toEqual([`${'x'.repeat(990)} [EMAIL_RE…`, '[EMAIL_REDACTED]'])
    // More than is held: its beginning is given up in the middle of an address.
    const long = `print("${INVENTED_ADDRESS}" * 200_000, flush=True); print("done"); raise SystemExit(3)`
    const { id: other } = await room.supervisor.launch(planOf('python3', long, { restart: 'never' }))
    expect((await room.reached(other, 'crashed')).lastOutput).toEqual(['done'])
  })

  it('keeps of a last line without an end what can be read', async () => {
    const { id } = await room.supervisor.launch(planOf('python3', 'print("x" * 100_000); raise SystemExit(3)', { restart: 'never' }))
    expect((await room.reached(id, 'crashed')).lastOutput).toEqual([`${'x'.repeat(1_000)}…`])
  })

  it('begins its count anew after a healthy run', async () => {
    // Healthy after no time at all: every run is, so it is never given up.
    const { id } = await room.supervisor.launch(planOf('sh', 'exit 1', { maxRestarts: 1, healthyAfterMs: 0 }))
    await room.reached(id, 'restarting')
    for (let rounds = 0; rounds < 3; rounds++) {
      const before = room.supervisor.get(id).restarts
      while (room.supervisor.get(id).restarts <= before) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(room.supervisor.get(id).status).not.toBe('crashed')
    expect(room.supervisor.get(id).restarts).toBeGreaterThanOrEqual(3)
  })

  it('does not come back when it is stopped while it waits for its restart', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', 'exit 1'))
    await room.reached(id, 'restarting')
    expect(await room.supervisor.stop(id, 'asked')).toMatchObject({ status: 'stopped', restartAt: null })
  })

  it('restarts under the same id, whether it runs or not', async () => {
    const { id, pid } = await room.supervisor.launch(planOf('sh', FOREVER))
    await room.shown(id, 'ready')
    const again = await room.supervisor.restart(id)
    expect(again).toMatchObject({ id, status: 'running', restarts: 1 })
    expect(again.pid).not.toBe(pid)
    expect(await isLiving(pid ?? 0)).toBe(false)
    await room.supervisor.stop(id, 'asked')
    expect(await room.supervisor.restart(id)).toMatchObject({ id, status: 'running', restarts: 2 })
  })

  it('is never settled on the way from one process to the next', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', FOREVER))
    await room.supervisor.restart(id)
    const statuses = room.events.flatMap((event) => (event.name === 'agent.changed' ? [event.payload.agent.status] : []))
    expect(statuses).toEqual(['starting', 'running', 'stopping', 'starting', 'running'])
  })

  it('obeys two stops and a restart at once, one after the other', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', FOREVER))
    const answers = await Promise.all([room.supervisor.stop(id, 'asked'), room.supervisor.restart(id), room.supervisor.stop(id, 'asked')])
    expect(answers.map((agent) => agent.status)).toEqual(['stopped', 'running', 'stopped'])
  })

  it.each([
    ['blocked', 'A social security number was about to leave.'],
    ['over-budget', 'The budget of $50.00 is spent.'],
  ] as const)('says why it was ended: %s', async (cause, reason) => {
    const { id } = await room.supervisor.launch(planOf('sh', FOREVER))
    expect(await room.supervisor.stop(id, cause, reason)).toMatchObject({ status: cause, reason })
  })

  it('cannot be taken off the list while it runs', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', FOREVER))
    await expect(room.supervisor.remove(id)).rejects.toMatchObject({ code: 'CONFLICT' })
    await room.supervisor.stop(id, 'asked')
    await room.supervisor.remove(id)
    expect(() => room.supervisor.get(id)).toThrow('There is no agent')
  })

  it('knows what it uses, its children with it', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', `sleep 60 & ${FOREVER}`))
    await room.shown(id, 'ready')
    const metrics = await room.supervisor.processMetrics(id)
    expect(metrics.processes).toBeGreaterThanOrEqual(2)
    expect(metrics.residentBytes).toBeGreaterThan(0)
    expect(metrics.outputBytes).toBeGreaterThan(0)
  })

  it('leaves a recording that can be read when it is long gone', async () => {
    const { id } = await room.supervisor.launch(planOf('sh', "printf '\\033[32mgreen\\033[0m\\n'; echo last"))
    await room.reached(id, 'stopped')
    const lines = await readRecording(await room.supervisor.recordingOf(id), 10)
    expect(lines.map((line) => line.text)).toEqual(['green', 'last'])
  })

  it.each([
    ['goes on without the viewer', 100_000],
    // Its last words fit into the kernel's buffer: it is gone while its terminal is still paused.
    ['ends during the pause', 18_000],
  ])('loses not a line when nobody keeps up and it %s', async (_name, count) => {
    const { id } = await room.supervisor.launch(planOf('sh', `seq ${count}; echo the end`))
    room.supervisor.terminal(id).follow(0, { push: () => undefined, end: () => undefined })
    await room.reached(id, 'stopped')
    const lines = await readRecording(await room.supervisor.recordingOf(id), count + 1)
    expect(lines).toHaveLength(count + 1)
    expect(lines.at(-1)?.text).toBe('the end')
    expect(lines.at(-2)?.text).toBe(String(count))
  }, 30_000)

  it('runs beside others, each with a terminal of its own', async () => {
    const agents = await Promise.all(['one', 'two', 'three'].map((word) => room.supervisor.launch(planOf('sh', `echo ${word}`))))
    await Promise.all(agents.map(({ id }) => room.reached(id, 'stopped')))
    expect(agents.map(({ id }) => room.supervisor.terminal(id).ring.text())).toEqual(['one\r\n', 'two\r\n', 'three\r\n'])
    expect(new Set(agents.map(({ id }) => id)).size).toBe(3)
  })
})

describe('after the death of the room', () => {
  it('finds what still runs, ends it, and calls nothing running that is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'iron-cage-orphans-'))
    const victim = spawn(process.execPath, [join(import.meta.dirname, 'testVictim.ts'), folder], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(victim.stdout, 'data')) as [Buffer]
    const { id, pids } = JSON.parse(line.toString()) as { id: string; pids: number[] }
    victim.kill('SIGKILL')
    await once(victim, 'exit')
    expect(await isLiving(pids.at(-1) ?? 0)).toBe(true)

    const next = await createTestSupervisor(folder)
    try {
      for (const pid of pids) expect(await isLiving(pid)).toBe(false)
      expect(next.supervisor.get(id)).toMatchObject({ status: 'crashed', pid: null, reason: 'The control room ended without stopping it.' })
      const found = next.events.find((event) => event.name === 'agent.orphanEnded')
      expect(found?.message).toContain('0 survivors')
      expect(await next.supervisor.restart(id)).toMatchObject({ id, status: 'running' })
    } finally {
      await next.close()
      await rm(folder, { recursive: true, force: true })
    }
  }, 30_000)
})
