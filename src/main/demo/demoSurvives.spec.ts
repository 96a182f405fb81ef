import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../systemPorts.ts'
import { ALL_DONE, openDemoSeat, type DemoSeat, type SeatOptions } from './testDemo.ts'

let seats: DemoSeat[] = []
let host: ChildProcess | null = null
async function open(options?: SeatOptions): Promise<DemoSeat> {
  const seat = await openDemoSeat(options)
  seats.push(seat)
  return seat
}

afterEach(async () => {
  if (host?.exitCode === null && host.signalCode === null) {
    host.kill('SIGKILL')
    await once(host, 'exit')
  }
  host = null
  for (const seat of seats.reverse()) await seat.close()
  seats = []
})

const numbersOf = (room: DemoSeat): number[] => room.results().map(([number]) => Number(number))
const HUNDRED = Array.from({ length: 100 }, (_, index) => index + 1)

/** A room in a process of its own; gives the first line of its output that begins so. */
function startHost(command: readonly string[], environment: NodeJS.ProcessEnv): (word: string) => Promise<string> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  host = child
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  return (word) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((line) => line.startsWith(word))
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      child.once('exit', () => reject(new Error(`It ended before it said "${word}".`)))
      look()
    })
}

const HOST = join(import.meta.dirname, 'testDemoHost.ts')

// Each goes through a hundred leads, with a Python of its own.
describe('the demo survives', { timeout: 180_000 }, () => {
  it('a kill -9 of its agent in the midst of lead 57: it goes on at that very lead, and nothing counts twice', async () => {
    const room = await open()
    const { ask, until, events } = room
    await ask('demo.start', { speed: 'max' })
    await room.holdAt(57)
    const { agentId } = room
    const killed = await ask('agent.status', { agentId })
    await ask('demo.pace', { isPaused: true, skipTo: 58 })
    // Both tools have answered, and the model is about to think again.
    await until('tool.ended')
    await until('llm.callFinished')
    process.kill(killed.pid ?? 0, 'SIGKILL')
    const { payload } = await until('agent.changed', ({ payload: { agent } }) => agent.status === 'restarting')
    expect((payload.agent.restartAt ?? 0) - (payload.agent.endedAt ?? 0)).toBeLessThan(4_000)
    await until('agent.changed', ({ payload: { agent } }) => agent.status === 'running' && agent.pid !== killed.pid)
    expect((await ask('demo.show')).run?.lead).toBe(57)
    await room.finish()
    expect(await room.formatted()).toMatchObject(ALL_DONE)
    expect(numbersOf(room)).toEqual(HUNDRED)
    const progress = events.flatMap((event) => (event.name === 'agent.progressed' ? [event.payload.progress.done] : []))
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
  })

  it('a kill -9 of the room: the next one offers to go on where it was', async () => {
    const room = await open()
    const environment = { PATH: process.env.PATH, HOME: room.folder.path, IRON_SECRETS_MASTER_KEY: 'ab'.repeat(32) }
    const killedFolder = `${room.dataFolder}-killed`
    mkdirSync(killedFolder)
    const said = startHost([process.execPath, HOST, killedFolder, '57'], environment)
    await said('held')
    const dead = host as unknown as ChildProcess
    dead.kill('SIGKILL')
    await once(dead, 'exit')

    const next = await open({ folder: killedFolder, environment: { IRON_SECRETS_MASTER_KEY: 'ab'.repeat(32) } })
    expect((await next.ask('demo.show')).run).toMatchObject({ phase: 'interrupted' })
    expect(await next.refusal('demo.start')).toBe('CONFLICT')
    await next.ask('demo.goOn')
    await next.finish()
    expect(await next.formatted()).toMatchObject(ALL_DONE)
    expect(numbersOf(next)).toEqual(HUNDRED)
  })

  it('its agent restarted as any other agent, in a room that was opened anew', async () => {
    const room = await open()
    await room.ask('demo.start', { speed: 'max' })
    await room.holdAt(20)
    await room.reopen()
    expect((await room.ask('demo.show')).run).toMatchObject({ phase: 'interrupted', lead: 19 })
    room.forget()
    await room.ask('agent.restart', { agentId: room.agentId })
    await room.finish()
    expect(await room.formatted()).toMatchObject(ALL_DONE)
  })

  it('a clock that jumps, ahead by an hour and back by two', async () => {
    let offset = 0
    const room = await open({ clock: { now: () => systemClock.now() + offset, after: (delayMs, action) => systemClock.after(delayMs, action) } })
    await room.ask('demo.start', { speed: 'max' })
    await room.holdAt(40)
    offset = 3_600_000
    await room.holdAt(60)
    offset = -3_600_000
    await room.finish()
    expect(await room.formatted()).toMatchObject({ ...ALL_DONE })
  })

  it('a home with blanks and umlauts, in another time zone and another language', async () => {
    const room = await open({ dataFolder: 'Größe & Übung/daten', environment: { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } })
    await room.ask('demo.start', { speed: 'max' })
    await room.finish()
    expect(await room.formatted()).toMatchObject(ALL_DONE)
    expect(numbersOf(room)).toEqual(HUNDRED)
  })

  it('settings that somebody has made for agents of their own', async () => {
    const room = await open({
      environment: {
        IRON_CAGE_SAFETY_MODE: 'block',
        IRON_CAGE_SAFETY_TYPES: 'ssn=off,email=block',
        IRON_CAGE_SAFETY_DIRECTIONS: 'from-model=off,terminal=off',
        IRON_CAGE_INJECTION: 'block',
        IRON_CAGE_ALLOWED_MODELS: 'gpt-4',
        IRON_CAGE_ALLOWED_TOOLS: 'nothing',
        IRON_CAGE_ALLOWED_HOSTS: 'nowhere.example',
        IRON_CAGE_PROVIDER: 'simulated',
        IRON_CAGE_AT_LIMIT: 'end',
        IRON_CAGE_BUDGET: '1',
        IRON_CAGE_UPSTREAM_OPENAI: 'http://127.0.0.1:9/v1',
        OPENAI_API_KEY: 'sk-invented-and-my-own',
        OPENAI_BASE_URL: 'http://127.0.0.1:9',
      },
    })
    await room.ask('demo.start', { speed: 'max' })
    await room.finish()
    expect(await room.formatted()).toMatchObject(ALL_DONE)
    const { records } = await room.ask('finding.list', { agentId: room.agentId })
    expect(records.flatMap(({ kind, type }) => (kind === 'private' ? [type] : [])).sort()).toEqual(['email', 'phone', 'ssn'])
  })

  it('a machine without a network', async (context) => {
    const alone = ['unshare', '--map-root-user', '--net', 'sh', '-c']
    try {
      execFileSync(alone[0] as string, [...alone.slice(1), 'ip link set lo up'], { stdio: 'ignore' })
    } catch {
      context.skip('This machine lets nobody take the network away from a process.')
    }
    const room = await open()
    const said = startHost([...alone, `ip link set lo up && exec "${process.execPath}" "${HOST}" "${room.dataFolder}-alone"`], { PATH: process.env.PATH, HOME: room.folder.path, IRON_SECRETS_MASTER_KEY: 'ab'.repeat(32) })
    expect(await said('exited')).toBe('exited 0')
  })

  it('a demo.yaml that is broken while it is interrupted: the room opens, it says what is wrong when it is to go on, and a reset puts it away', async () => {
    const room = await open()
    await room.ask('demo.start', { speed: 'max' })
    await room.holdAt(3)
    writeFileSync(join(room.dataFolder, 'demo', 'demo.yaml'), 'budget: many\n')
    await room.reopen()
    expect((await room.ask('demo.show')).run).toMatchObject({ phase: 'interrupted' })
    await expect(room.ask('demo.goOn')).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION', message: expect.stringContaining('demo.yaml: budget') as string })
    expect(await room.ask('demo.reset')).toMatchObject({ run: null, triggers: [{ lead: 34 }, { lead: 50 }, { lead: 67 }, { lead: 85 }] })
    expect((await room.ask('agent.list')).agents).toEqual([])
  })

  it('no Python at all, with a sentence that says what to do', async () => {
    const room = await open({ environment: { PATH: '/nowhere' } })
    await expect(room.ask('demo.start')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/Python/) as string })
    expect((await room.ask('secret.list')).secrets).toEqual([])
    expect((await room.ask('demo.show')).run).toBeNull()
  })
})
