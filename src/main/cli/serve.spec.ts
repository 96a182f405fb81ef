import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestUser, filesIn, isRunning, type RunningCommand, type TestUser } from './testCommandLine.ts'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

async function listening(command: RunningCommand): Promise<string> {
  const [, url = ''] = await command.until('stdout', /^listening on (http:\/\/127\.0\.0\.1:\d+)\n/)
  return url
}

const token = (): string => readFileSync(join(user.dataFolder, 'owner.token'), 'utf8').trim()

describe('iron_cage serve', () => {
  it('says where it listens, in one line, and how to sign in, beside it', async () => {
    const command = user.start(['serve', '--port', '0'])
    const url = await listening(command)
    const [, link = ''] = await command.until('stderr', /sign in, once and within ten minutes: (\S+)\n/)
    expect(link.startsWith(`${url}/`)).toBe(true)

    const first = await fetch(link, { redirect: 'manual' })
    expect(first.headers.get('set-cookie')).toMatch(/HttpOnly/)
    const second = await fetch(link, { redirect: 'manual' })
    expect(second.headers.get('set-cookie')).toBeNull()
    const answer = await fetch(`${url}/api/agents`, { headers: { authorization: `Bearer ${token()}` } })
    expect(await answer.json()).toMatchObject({ agents: [] })

    const fresh = await user.run(['link'])
    expect((await fetch(fresh.stdout.trim(), { redirect: 'manual' })).headers.get('set-cookie')).toMatch(/HttpOnly/)

    command.child.kill('SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0, stdout: `listening on ${url}\n` })
  })

  it.each<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGHUP'])('ends its agents before itself at %s', async (signal) => {
    const command = user.start(['serve', '--port', '0'])
    const url = await listening(command)
    const script = user.write('agent.sh', '#!/bin/sh\nwhile :; do sleep 1; done\n', 0o755)
    const answer = await fetch(`${url}/api/agents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ script }),
    })
    const { pid } = (await answer.json()) as { pid: number }
    expect(isRunning(pid)).toBe(true)
    command.child.kill(signal)
    expect((await command.ended).code).toBe(0)
    expect(isRunning(pid)).toBe(false)
  })

  it('tells a program in one line of JSON where it is, and ends with whoever started it', async () => {
    const command = user.start(['serve', '--port', '0', '--json', '--until-stdin-closes'], { input: 'pipe' })
    const [line] = await command.until('stdout', /^.*\n/)
    const told = JSON.parse(line) as { url: string }
    expect(told).toEqual({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), pid: command.child.pid, dataFolder: user.dataFolder, version: expect.any(String) })
    const answer = await fetch(`${told.url}/api/agents`, { headers: { authorization: `Bearer ${token()}` } })
    expect(await answer.json()).toMatchObject({ agents: [] })
    const inFolder = JSON.parse(readFileSync(join(user.dataFolder, 'instance.json'), 'utf8')) as object
    expect(inFolder).toMatchObject({ url: told.url, pid: command.child.pid })
    // A second one leaves the first alone, and says where that is found.
    expect(await user.run(['serve', '--port', '0', '--json', '--until-stdin-closes'])).toMatchObject({ code: 75, stdout: '' })

    command.child.stdin?.end()
    expect(await command.ended).toMatchObject({ code: 0, stdout: line })
  })

  it('stays for agents that others have started, where it was told so, and ends with the last of them', async () => {
    const command = user.start(['serve', '--port', '0', '--until-unused'], { input: 'pipe' })
    const url = await listening(command)
    const script = user.write('agent.sh', '#!/bin/sh\nwhile :; do sleep 1; done\n', 0o755)
    const headers = { authorization: `Bearer ${token()}`, 'content-type': 'application/json' }
    const { id } = (await (await fetch(`${url}/api/agents`, { method: 'POST', headers, body: JSON.stringify({ script }) })).json()) as { id: string }
    command.child.stdin?.end()
    // It hears of the end of its input before it answers this.
    expect((await fetch(`${url}/api/agents`, { headers })).status).toBe(200)
    const stopped = await fetch(`${url}/api/agents/${id}/stop`, { method: 'POST', headers })
    expect(stopped.status).toBe(200)
    expect((await command.ended).code).toBe(0)
  })

  it('is gone when the program that started it was killed', async () => {
    const starter = `import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(child.stdout.readline().strip(), flush=True)
child.wait()`
    const main = join(import.meta.dirname, 'main.ts')
    const words = [process.execPath, main, 'serve', '--port', '0', '--json', '--until-stdin-closes']
    const parent = spawn('python3', ['-c', starter, ...words], { env: user.environment as NodeJS.ProcessEnv, stdio: ['ignore', 'pipe', 'ignore'] })
    const [data] = (await once(parent.stdout, 'data')) as [Buffer]
    const { pid } = JSON.parse(data.toString()) as { pid: number }
    expect(isRunning(pid)).toBe(true)
    parent.kill('SIGKILL')
    await vi.waitUntil(() => !isRunning(pid), { timeout: 20_000 })
    expect(filesIn(user.dataFolder)).not.toContain('instance.json')
  })

  it('leaves when the room is told to stop', async () => {
    const command = user.start(['serve', '--port', '0'])
    const url = await listening(command)
    await fetch(`${url}/api/stop`, { method: 'POST', headers: { authorization: `Bearer ${token()}` } })
    expect((await command.ended).code).toBe(0)
  })

  it('refuses a port that is taken when it was asked for, and a second room on the same folder', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const refused = await user.run(['serve', '--port', String(port)])
    expect(refused).toMatchObject({ code: 75, stdout: '', stderr: expect.stringMatching(new RegExp(`iron_cage: .*${port}`)) as string })
    other.close()

    const command = user.start(['serve', '--port', '0'])
    const url = await listening(command)
    const second = await user.run(['serve', '--port', '0'])
    expect(second).toMatchObject({ code: 75, stdout: '' })
    expect(second.stderr).toContain(`is in use by the control room with process id ${command.child.pid} at ${url}`)
  })
})

describe('the browser host of npm start', () => {
  it('says why there is no window, and then is iron_cage serve', async () => {
    const environment = { IRON_CAGE_NO_WINDOW_REASON: 'There is no display here.', IRON_CAGE_PORT: '0' }
    const command = user.start([], { program: 'headless', environment })
    const url = await listening(command)
    await command.until('stderr', /^There is no display here\.\n[^]*sign in/)

    const again = await user.run([], { program: 'headless', environment })
    expect(again).toMatchObject({ code: 0, stderr: 'There is no display here.\nThe control room is open already; this link signs you in:\n' })
    expect(again.stdout).toMatch(new RegExp(`^${url}/`))
  })

  it('takes another port when the usual one is taken', async () => {
    const usual = createServer()
    usual.on('error', () => undefined).listen(7317, '127.0.0.1')
    await Promise.race([once(usual, 'listening'), once(usual, 'error')])
    const command = user.start(['serve'])
    expect(await listening(command)).not.toBe('http://127.0.0.1:7317')
    await command.until('stderr', /WARN Port 7317 is in use; another one was taken\./)
    usual.close()
  })
})

/** Another program that writes into the database and does not let go, until its input ends. */
const HOLDER = 'import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\nc.execute("begin immediate")\nprint("held",flush=True)\nsys.stdin.read()'

describe('a room that can no longer store what happens', () => {
  it.each(['serve', 'start'])('%s ends its agents, says why in one sentence, and leaves', async (name) => {
    const script = user.write('agent.sh', '#!/bin/sh\necho "here $$"; read line; exit 3\n', 0o755)
    const command = name === 'start' ? user.start(['start', script], { input: 'pipe' }) : user.start(['serve', '--port', '0'])
    const agent = name === 'start' ? command : await startOver(command, script)
    const [, pid = ''] = await agent.until('stdout', /here (\d+)/)
    const holder = spawn('python3', ['-c', HOLDER, join(user.dataFolder, 'control-room.db')], { stdio: ['pipe', 'pipe', 'inherit'] })
    const letGo = once(holder, 'exit')
    try {
      await once(holder.stdout, 'data')
      agent.child.stdin?.write('\n')
      await command.until('stderr', /ERROR .*locked by another process/)
      holder.stdin.end()
      const { code, stderr } = await command.ended
      expect(code).toBe(74)
      expect(stderr).toMatch(/^iron_cage: The database .* is locked by another process: close whatever has it open and start again\.$/m)
      expect(stderr).not.toContain('    at ')
      expect(isRunning(Number(pid))).toBe(false)
    } finally {
      holder.stdin.end()
      await letGo
    }
  })

  async function startOver(room: RunningCommand, script: string): Promise<RunningCommand> {
    await listening(room)
    return user.start(['start', script], { input: 'pipe' })
  }
})
