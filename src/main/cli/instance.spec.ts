import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Agent } from '../../shared/domain/agent.ts'
import { createTestUser, isRunning, type RunningCommand, type TestUser } from './testCommandLine.ts'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

const PATIENT = '#!/bin/sh\necho "ready $$"\nwhile :; do sleep 1; done\n'

/** A `start` that is under way, with the id of its agent. */
async function startPatient(name = 'lead_gen.sh'): Promise<{ command: RunningCommand; id: string; pid: number }> {
  user.write(name, PATIENT, 0o755)
  const command = user.start(['start', name])
  const [, pid] = await command.until('stdout', /ready (\d+)/)
  const [id] = await command.until('stderr', /[a-z0-9]{2}-[0-9a-f]{8}/)
  return { command, id, pid: Number(pid) }
}

describe('a second command line', () => {
  it('lists, tells and stops what runs in the first', async () => {
    const { command, id, pid } = await startPatient()

    const list = await user.run(['list'])
    expect(list.stdout.split('\n')[1]).toMatch(new RegExp(`^${id} +running +lead_gen.sh +${pid} +\\d+ m?s +0 +\\$100\\.00$`))
    const [agent] = JSON.parse((await user.run(['list', '--json'])).stdout) as Agent[]
    expect(agent).toMatchObject({ id, status: 'running', pid })
    expect(JSON.parse((await user.run(['status', id, '--json'])).stdout)).toMatchObject({ id, status: 'running' })
    const status = await user.run(['status', id])
    expect(status.stdout).toMatch(new RegExp(`^id +${id}\nstatus +running\nscript +${user.folder}/lead_gen.sh\n`))

    const stop = await user.run(['stop', id])
    expect(stop).toMatchObject({ code: 0, stdout: `${id} is stopped, signal SIGTERM, 0 survivors\n`, stderr: '' })
    const ended = await command.ended
    expect(ended.code).toBe(122)
    expect(ended.stderr).toMatch(new RegExp(`${id} stopped after .*, signal SIGTERM, 0 survivors, no LLM calls\n$`))
    expect(isRunning(pid)).toBe(false)
  })

  it('starts an agent in the first one’s room, which stays open until that has ended too', async () => {
    user.write('first.sh', '#!/bin/sh\necho ready\nread line\n', 0o755)
    const first = user.start(['start', 'first.sh'], { input: 'pipe' })
    await first.until('stdout', /ready/)
    user.write('second.py', 'import os, sys\nprint("second", os.getcwd(), os.environ["A"], flush=True)\nsys.exit(int(input()))\n')
    const second = user.start(['start', 'second.py', '--budget', '0.5', '--variable', 'A=1', '--restart', 'never'], { input: 'pipe' })
    await second.until('stdout', new RegExp(`second ${user.folder} 1`))
    expect(second.stderr).toContain('INFO A control room is open already: the agent runs there, with its environment, and ends with it.\n')
    const agents = JSON.parse((await user.run(['list', '--json'])).stdout) as Agent[]
    expect(agents.map(({ plan }) => [plan.name, plan.budget])).toEqual([
      ['second.py', 500_000_000],
      ['first.sh', 100_000_000_000],
    ])

    first.child.stdin?.write('done\n')
    await first.until('stderr', /This room has 1 other agent \(se-[0-9a-f]{8}\) and stays open until they have ended/)
    second.child.stdin?.write('9\n')
    expect(await second.ended).toMatchObject({ code: 9, stderr: expect.stringMatching(/crashed after .*, exit code 9, 0 survivors(, no LLM calls)?\n$/) as string })
    expect((await first.ended).code).toBe(0)
  })

  it('ends its own agent alone when it is told to end', async () => {
    const { command, id } = await startPatient()
    user.write('second.sh', PATIENT, 0o755)
    const second = user.start(['start', 'second.sh'])
    const [, pid] = await second.until('stdout', /ready (\d+)/)
    second.child.kill('SIGTERM')
    expect((await second.ended).code).toBe(143)
    expect(isRunning(Number(pid))).toBe(false)
    expect(JSON.parse((await user.run(['status', id, '--json'])).stdout)).toMatchObject({ status: 'running' })
    command.child.kill('SIGTERM')
  })

  it('says so when the room of its agent goes away', async () => {
    const { command } = await startPatient()
    user.write('second.sh', PATIENT, 0o755)
    const second = user.start(['start', 'second.sh'])
    await second.until('stdout', /ready/)
    command.child.kill('SIGKILL')
    expect(await second.ended).toMatchObject({ code: 75, stderr: expect.stringContaining('iron_cage: The control room has gone away.\n') as string })
  })

  it('restarts an agent under the same id, and its terminal goes on', async () => {
    const { command, id, pid } = await startPatient()
    const restart = await user.run(['restart', id])
    expect(restart.stdout).toMatch(new RegExp(`^${id} is running with pid \\d+, 1 restart\n$`))
    await command.until('stdout', /ready \d+\n(.*\n)*ready \d+\n/)
    expect(isRunning(pid)).toBe(false)
    command.child.kill('SIGTERM')
    expect((await command.ended).code).toBe(143)
  })

  it('follows what an agent writes, from its last lines on', async () => {
    user.write('agent.sh', '#!/bin/sh\nfor i in 1 2 3 4 5; do echo "line $i"; done\nread line\necho "got $line"\n', 0o755)
    const agent = user.start(['start', 'agent.sh'], { input: 'pipe' })
    const [id] = await agent.until('stderr', /ag-[0-9a-f]{8}/)
    await agent.until('stdout', /line 5\n/)
    const follow = user.start(['logs', id, '--follow', '--lines', '2'])
    await follow.until('stdout', /line 5\n/)
    agent.child.stdin?.write('hello\n')
    expect(await follow.ended).toMatchObject({ code: 0, stdout: 'line 4\nline 5\nhello\ngot hello\n' })
    expect((await agent.ended).code).toBe(0)
    expect(await user.run(['logs', id, '--lines', '1'])).toMatchObject({ code: 0, stdout: 'got hello\n' })
    expect(await user.run(['logs', id, '--follow', '--lines', '2'])).toMatchObject({ code: 0, stdout: 'hello\ngot hello\n' })
  })

  it('is refused where the owner token is not the room’s', async () => {
    await startPatient()
    const file = join(user.dataFolder, 'owner.token')
    const token = readFileSync(file, 'utf8')
    writeFileSync(file, `${'x'.repeat(64)}\n`)
    const { code, stderr } = await user.run(['list'])
    expect({ code, stderr }).toEqual({ code: 77, stderr: `iron_cage: The control room that runs does not accept the token in ${file} (401); restart it.\n` })
    writeFileSync(file, token)
  })
})

describe('a command line without a room that runs', () => {
  it('has no agents, knows no id, and says so', async () => {
    expect(await user.run(['list'])).toMatchObject({ code: 0, stdout: 'No agents yet; start one with: iron_cage start agent.py\n', stderr: '' })
    expect(await user.run(['list', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' })
    expect(await user.run(['status', 'lg-7a3f9c2d'])).toMatchObject({ code: 66, stderr: 'iron_cage: There is no agent lg-7a3f9c2d.\n' })
    expect(await user.run(['stop', 'nonsense'])).toMatchObject({ code: 2, stderr: expect.stringContaining('"nonsense" is no agent id such as lg-7a3f9c2d') as string })
  })

  it('cannot restart, and has no link to give', async () => {
    const sentence = 'iron_cage: No control room is running; start one with "iron_cage serve", or the desktop window.\n'
    expect(await user.run(['restart', 'lg-7a3f9c2d'])).toMatchObject({ code: 75, stderr: sentence })
    expect(await user.run(['link'])).toMatchObject({ code: 75, stderr: sentence })
    expect(user.hasDataFolder()).toBe(false)
  })

  it('still knows what ran before, and what it wrote', async () => {
    user.write('crash.sh', '#!/bin/sh\necho "last words"\nexit 3\n', 0o755)
    const { stderr } = await user.run(['start', 'crash.sh', '--restart', 'never'])
    const [id = ''] = /cr-[0-9a-f]{8}/.exec(stderr) ?? []
    expect((await user.run(['status', id])).stdout).toMatch(/status +crashed\n[^]*exit code 3, 0 survivors\n[^]*last output\n {2}last words\n$/)
    expect((await user.run(['logs', id])).stdout).toBe('last words\n')
    expect((await user.run(['logs', id, '--follow'])).stdout).toBe('last words\n')
  })

  it('finds and ends what a killed room left behind', async () => {
    const { command, id, pid } = await startPatient()
    command.child.kill('SIGKILL')
    await command.ended
    const { stdout } = await user.run(['list'])
    expect(stdout).toMatch(new RegExp(`${id} +crashed`))
    expect(isRunning(pid)).toBe(false)
    expect((await user.run(['stop', id])).stdout).toBe(`${id} is crashed, nobody saw its end\n`)
  })

  it('names a database that is none, and touches it not', async () => {
    await user.run(['list'])
    const file = join(user.dataFolder, 'control-room.db')
    writeFileSync(file, 'this is no database, but somebody’s diary')
    const { code, stderr } = await user.run(['list'])
    expect(code).toBe(74)
    expect(stderr).toMatch(new RegExp(`^iron_cage: The database ${file} is damaged`))
    expect(readFileSync(file, 'utf8')).toBe('this is no database, but somebody’s diary')
    chmodSync(file, 0o600)
  })
})
