import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connect } from './connection.ts'
import { createTestUser, filesIn, isRunning, type RunningCommand, type TestUser } from './testCommandLine.ts'
import { sitDown, type Seat } from './testSeat.ts'

/** Whole runs of a hundred leads, on two shared cores. */
const LONG = { timeout: 240_000 }
const KEY = { IRON_SECRETS_MASTER_KEY: '5e'.repeat(32) }

let user: TestUser
let seats: Seat[]
beforeEach(() => {
  user = createTestUser()
  seats = []
})
afterEach(async () => {
  for (const seat of seats) {
    seat.pty.kill('SIGTERM')
    await seat.ended
  }
  await user.leave()
})

function sit(...words: string[]): Seat {
  const seat = sitDown(user, ['demo', '--port', '0', ...words], KEY)
  seats.push(seat)
  return seat
}

const CTRL_C = '\u0003'

/** One that follows within 300 ms counts as the echo of the last. */
async function pressUntilEnded(seat: Seat): Promise<number> {
  let hasEnded = false
  void seat.ended.then(() => (hasEnded = true))
  await vi.waitUntil(() => hasEnded || (seat.pty.write(CTRL_C), false), { interval: 400, timeout: 20_000 })
  return seat.ended
}

/** Resolves as soon as there is a lead that is worked on. */
async function leadBegun(): Promise<void> {
  const { client, close } = await connect({ dataFolder: user.dataFolder })
  const begun = Promise.withResolvers<void>()
  client.follow('demo.follow', {}, { onItem: ({ run }) => run !== null && run.lead > 0 && begun.resolve() })
  return begun.promise.finally(close)
}

async function agentOf(url: string): Promise<{ pid: number; status: string } | undefined> {
  const token = readFileSync(join(user.dataFolder, 'owner.token'), 'utf8').trim()
  const answer = await fetch(`${url}/api/agents`, { headers: { authorization: `Bearer ${token}` } })
  return ((await answer.json()) as { agents: { pid: number; status: string }[] }).agents[0]
}

describe('iron_cage demo where no room is open', () => {
  it('opens one, tells the demo in lines to its end, and stays until Ctrl-C', LONG, async () => {
    const command = user.start(['demo', '--speed', 'max', '--port', '0'], { environment: KEY })
    await command.until('stdout', /^listening on http:\/\/127\.0\.0\.1:\d+\n/)
    await command.until('stderr', /sign in, once and within ten minutes: http/)
    const [, agentId = ''] = await command.until('stderr', /(lg-[0-9a-f]{8}) lead_gen_agent\.py: Of the budget of \$50\.00/)
    expect(await user.run(['raise', agentId, '--by', '25', '--reason', 'the rest of the list'], { environment: KEY })).toMatchObject({ code: 0 })
    await command.until('stderr', /The room stays open for whoever looks on; Ctrl-C closes it\./)
    for (const line of [
      /^\d\d \/ 100 leads \(\d\d%\), \$\d+\.\d\d of \$50\.00 spent \(\d+\.\d%\), \$0\.\d\d avg\/lead$/m,
      /^Lead 34: LinkedIn stops answering\.\n[^]*^Lead 50: The OpenAI key is rotated\.\n[^]*^Lead 67: The model answers with private data\.\n[^]*^Lead 85: Nine tenths of the budget are spent\.$/m,
      /^The demo is over\.\n100 \/ 100 leads \(100%\), success 99% \(99\/100\)/m,
      /^Services: 34% from the cache, 98% via fallback, 66 leads kept away, \$6\.60 saved$/m,
      /^\$55\.83 of \$75\.00 spent \(74\.4%\)/m,
      /^vs Baseline: \$64\.86 saved$/m,
    ])
      expect(command.stdout).toMatch(line)
    command.child.kill('SIGINT')
    expect((await command.ended).code).toBe(0)
  })

  it('asks at the first Ctrl-C, ends room and agent at the second, and goes on from there later', async () => {
    const seat = sit()
    const [, url = ''] = await seat.until(/listening on (http:\/\/127\.0\.0\.1:\d+)/)
    const { pid } = (await agentOf(url)) ?? { pid: 0 }
    expect(isRunning(pid)).toBe(true)
    await leadBegun()
    seat.pty.write(CTRL_C)
    await seat.until(/The demo is at lead \d+; Ctrl-C again within 5 s/)
    expect(isRunning(pid)).toBe(true)
    expect(await pressUntilEnded(seat)).toBe(0)
    expect(isRunning(pid)).toBe(false)
    expect(filesIn(user.dataFolder)).not.toContain('instance.json')

    const again = await user.run(['demo', '--port', '0'], { environment: KEY })
    expect(again).toMatchObject({ code: 75, stderr: expect.stringMatching(/The demo was interrupted at lead \d+ of 100: it goes on there with "iron_cage demo --go-on"/) as string })

    const onward = sit('--go-on')
    await onward.until(/listening on/)
    await leadBegun()
    onward.pty.kill('SIGTERM')
    expect(await onward.ended).toBe(0)

    expect(await user.run(['demo', '--reset'], { environment: KEY })).toMatchObject({ code: 0, stdout: 'The demo is back at its start.\n' })
    expect(await user.run(['demo', '--go-on', '--port', '0'], { environment: KEY })).toMatchObject({ code: 75, stderr: expect.stringContaining('The demo is not on') as string })
  })

  it('says what to do where no Python is found', async () => {
    const empty = join(user.folder, 'no programs')
    mkdirSync(empty)
    const refused = await user.run(['demo', '--port', '0'], { environment: { ...KEY, PATH: empty } })
    expect(refused).toMatchObject({ code: 126, stdout: '', stderr: expect.stringMatching(/^iron_cage: .*Python 3/m) as string })
  })
})

describe('iron_cage demo where a room is open', () => {
  let room: RunningCommand
  let url: string
  beforeEach(async () => {
    room = user.start(['serve', '--port', '0'], { environment: KEY })
    url = (await room.until('stdout', /listening on (\S+)\n/))[1] ?? ''
  })

  it('starts it there, leaves it there at Ctrl-C, and refuses a second start', async () => {
    const seat = sit()
    await seat.until(new RegExp(`The demo runs in the room that is open at ${url}`))
    await leadBegun()
    seat.pty.write(CTRL_C)
    expect(await seat.ended).toBe(130)
    expect(seat.text()).toMatch(/The demo goes on in its room, at lead \d+; "iron_cage demo --reset" ends it there\./)
    expect(await agentOf(url)).toMatchObject({ status: 'running' })

    const second = await user.run(['demo'], { environment: KEY })
    expect(second).toMatchObject({ code: 75, stdout: '', stderr: expect.stringMatching(/^iron_cage: The demo is on already, at lead \d+ of 100\.$/m) as string })
    expect(await user.run(['demo', '--reset'], { environment: KEY })).toMatchObject({ code: 0 })
    expect(await agentOf(url)).toBeUndefined()
  })

  it('tells programs in objects, and says when somebody else has reset it', async () => {
    const command = user.start(['demo', '--json', '--speed', 'max'], { environment: KEY })
    await command.until('stdout', /"kind":"trigger","trigger":"rotation","state":"fired","lead":50/)
    expect(await user.run(['demo', '--reset'], { environment: KEY })).toMatchObject({ code: 0 })
    const { code, stdout } = await command.ended
    expect(code).toBe(122)
    const told = stdout.trim().split('\n').map((line) => JSON.parse(line) as { kind: string; message: string })
    expect(told[0]).toEqual({ kind: 'joined', url, message: `The demo runs in the room that is open at ${url}` })
    expect(told.at(-1)).toEqual({ kind: 'reset', message: 'The demo is back at its start.' })
  })
})

describe('iron_cage demo --rehearse', () => {
  const environment = () => {
    const temporary = join(user.folder, 'temporary files')
    mkdirSync(temporary, { recursive: true })
    return { TMPDIR: temporary, IRON_CAGE_BUDGET: '7', OPENAI_API_KEY: 'sk-of-the-user' }
  }

  it('runs it apart from the user’s data, and finds it as it should be', LONG, async () => {
    const { code, stdout, stderr } = await user.run(['demo', '--rehearse', '1'], { environment: environment() })
    expect({ stdout, code }).toMatchObject({ code: 0 })
    expect(stdout.split('\n').map((line) => line.replace(/^(\d) +[\d.]+ +\d+/, '$1'))).toEqual([
      'RUN  SECONDS  EVENTS  FIGURES      TRIGGERS AT      DIFFERS IN',
      '1    as expected  #34 #50 #67 #85  nothing',
      '',
    ])
    expect(stderr).toMatch(/^Its agent is made with (the SDK alone|LangChain \S+), on .*\nRun 1 of 1: \S+ s, \d+ events, as it should be\n/)
    expect(user.hasDataFolder()).toBe(false)
    expect(filesIn(join(user.folder, 'temporary files')).filter((name) => name.startsWith('iron-cage'))).toEqual([])
  })

  it('is held at the limit where nobody approves', LONG, async () => {
    const { code, stdout } = await user.run(['demo', '--rehearse', '1', '--no-approve', '--json'], { environment: environment() })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ isAlike: true, runs: [{ figures: { end: { limit: 'kept to $50.00' } }, differences: [] }] })
  })

  it('leaves nothing behind after Ctrl-C', async () => {
    const command = user.start(['demo', '--rehearse', '3', '--verbose'], { environment: environment() })
    const [, pid = ''] = await command.until('stderr', /lead_gen_agent\.py is running .*?(\d+)/)
    command.child.kill('SIGINT')
    expect(await command.ended).toMatchObject({ code: 130, stdout: '' })
    expect(isRunning(Number(pid))).toBe(false)
    expect(filesIn(join(user.folder, 'temporary files')).filter((name) => name.startsWith('iron-cage'))).toEqual([])
  })
})
