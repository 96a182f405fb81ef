// @vitest-environment happy-dom
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useLaunchStore } from './launch.ts'
import { useNoticesStore } from './notices.ts'

const SCRIPT = '/invented/agents/lead_gen_agent.py'

function setUp() {
  const room = createTestRoom()
  const { use } = createTestApp(room)
  room.answer('launch.inspect', ({ budget }) => {
    if (budget === 'abc') throw new AppError('INVALID_CONFIGURATION', 'budget is "abc", but must be an amount in dollars.')
    return { plan: samplePlan(budget ? { budget: Number(budget) * 1e9 } : {}), settings: [] }
  })
  return { room, launch: use(useLaunchStore), notices: use(useNoticesStore) }
}

/** The pause after a key is real time in the page. */
async function pause(): Promise<void> {
  vi.advanceTimersByTime(150)
  await settle()
}

describe('launching', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('looks at a script before anything runs', async () => {
    const { room, launch } = setUp()
    await launch.open(SCRIPT)
    expect(room.asked('launch.inspect')).toEqual([{ script: SCRIPT }])
    expect(launch.draft?.plan?.name).toBe('lead_gen_agent.py')
    expect(launch.canStart).toBe(true)
    expect(room.asked('agent.start')).toEqual([])
  })

  it('takes dropped files to where they can run first', async () => {
    const { launch } = setUp()
    await launch.openFiles([new File(['x'], 'agent.py')])
    expect(launch.draft?.script).toBe('/dropped/agent.py')
  })

  it('opens no card for files that cannot be taken, and says why', async () => {
    const { room, launch, notices } = setUp()
    room.connection.takeFiles = () => Promise.reject(new AppError('TOO_LARGE', 'These files are 30 MB.'))
    await launch.openFiles([new File(['x'], 'agent.py')])
    expect(launch.draft).toBeNull()
    expect(launch.isTaking).toBe(false)
    expect(notices.notices.map((notice) => notice.sentence)).toEqual(['These files are 30 MB.'])
  })

  it('takes back what it said of other files as soon as the next ones come', async () => {
    const { room, launch, notices } = setUp()
    const { takeFiles } = room.connection
    room.connection.takeFiles = () => Promise.reject(new AppError('TOO_LARGE', 'These files are 30 MB.'))
    await launch.openFiles([new File(['x'], 'large.py')])
    room.connection.takeFiles = takeFiles
    await launch.openFiles([new File(['x'], 'agent.py')])
    expect(launch.draft?.script).toBe('/dropped/agent.py')
    expect(notices.notices).toEqual([])
  })

  it('asks the room once somebody pauses, and shows its sentence beside the field', async () => {
    const { room, launch } = setUp()
    await launch.open(SCRIPT)
    for (const text of ['a', 'ab', 'abc']) launch.edit('budget', text)
    await pause()
    expect(room.asked('launch.inspect').slice(1)).toEqual([{ script: SCRIPT, budget: 'abc' }])
    expect(launch.draft?.problem).toEqual({ field: 'budget', sentence: 'budget is "abc", but must be an amount in dollars.' })
    expect(launch.canStart).toBe(false)
    launch.edit('budget', '12')
    await pause()
    expect(launch.draft?.problem).toBeNull()
    expect(launch.draft?.plan?.budget).toBe(12_000_000_000)
    expect(launch.canStart).toBe(true)
  })

  it('lets no old answer overtake a new one', async () => {
    const { room, launch } = setUp()
    await launch.open(SCRIPT)
    const answers: ((budget: number) => void)[] = []
    room.answer('launch.inspect', () => new Promise((resolve) => answers.push((budget) => resolve({ plan: samplePlan({ budget }), settings: [] }))))
    launch.edit('budget', '1')
    await pause()
    launch.edit('budget', '2')
    await pause()
    answers[1]?.(2)
    await settle()
    answers[0]?.(1)
    await settle()
    expect(launch.draft?.plan?.budget).toBe(2)
  })

  it('finds a quote without its end by itself', async () => {
    const { launch } = setUp()
    await launch.open(SCRIPT)
    launch.edit('args', '--name "Ada')
    await pause()
    expect(launch.draft?.problem).toMatchObject({ field: 'args', sentence: expect.stringContaining('closing one') })
  })

  it('starts what is on the card, also when Enter comes before the pause, in a terminal of this page’s size', async () => {
    const { room, launch } = setUp()
    const agent = sampleAgent({ status: 'starting' })
    room.answer('agent.start', () => agent)
    await launch.open(SCRIPT)
    launch.edit('budget', '12')
    expect(await launch.start({ columns: 120, rows: 40 })).toEqual(agent)
    expect(room.asked('agent.start')).toEqual([{ script: SCRIPT, budget: '12', columns: 120, rows: 40 }])
    expect(launch.draft).toBeNull()
    await pause()
    expect(room.asked('launch.inspect')).toHaveLength(1)
  })

  it('stays open when the room refuses, with its sentence', async () => {
    const { room, launch } = setUp()
    room.answer('agent.start', () => {
      throw new AppError('CONFLICT', 'The control room is stopping; nothing can be started any more.')
    })
    await launch.open(SCRIPT)
    expect(await launch.start(null)).toBeNull()
    expect(launch.draft?.problem).toEqual({ field: null, sentence: 'The control room is stopping; nothing can be started any more.' })
    expect(launch.isStarting).toBe(false)
  })

  it('can be started again as it is when the room has refused: what was wrong may stand elsewhere, or be over', async () => {
    const { room, launch } = setUp()
    room.answer('agent.start', () => {
      throw new AppError('UNAVAILABLE', 'The connection to the control room is lost.')
    })
    await launch.open(SCRIPT)
    await launch.start(null)
    expect([launch.draft?.problem?.sentence, launch.canStart]).toEqual(['The connection to the control room is lost.', true])
    const agent = sampleAgent()
    room.answer('agent.start', () => agent)
    expect(await launch.start(null)).toEqual(agent)
  })

  it('looks again once the connection is back that was lost when it looked', async () => {
    const { room, launch } = setUp()
    await launch.open(SCRIPT)
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.answer('launch.inspect', () => {
      throw new AppError('UNAVAILABLE', 'The connection to the control room is lost.')
    })
    launch.edit('budget', '12')
    await pause()
    expect([launch.draft?.problem?.field, launch.canStart]).toEqual(['budget', false])
    room.answer('launch.inspect', () => ({ plan: samplePlan({ budget: 12_000_000_000 }), settings: [] }))
    room.enter({ kind: 'open' })
    await settle()
    expect([launch.draft?.problem, launch.draft?.plan?.budget, launch.canStart]).toEqual([null, 12_000_000_000, true])
  })

  it('lets no look that was due before the start wipe away why it failed', async () => {
    const { room, launch } = setUp()
    room.answer('agent.start', () => {
      throw new AppError('CONFLICT', 'The control room is stopping; nothing can be started any more.')
    })
    await launch.open(SCRIPT)
    launch.edit('budget', '12')
    await launch.start(null)
    await pause()
    expect(launch.draft?.problem?.sentence).toContain('is stopping')
  })

  it('starts once, however often it is told to', async () => {
    const { room, launch } = setUp()
    room.answer('agent.start', () => sampleAgent())
    await launch.open(SCRIPT)
    await Promise.all([launch.start(null), launch.start(null)])
    expect(room.asked('agent.start')).toHaveLength(1)
  })

  it('leaves the card of another script alone that was opened while one starts, whatever comes of the start', async () => {
    for (const hasStarted of [true, false]) {
      const { room, launch, notices } = setUp()
      const starting = Promise.withResolvers<ReturnType<typeof sampleAgent>>()
      room.answer('agent.start', () => starting.promise)
      await launch.open(SCRIPT)
      const started = launch.start(null)
      await settle()
      await launch.open('/invented/agents/other.py')
      if (hasStarted) starting.resolve(sampleAgent())
      else starting.reject(new AppError('CONFLICT', 'Not now.'))
      await started
      expect([launch.draft?.script, launch.draft?.problem, launch.canStart]).toEqual(['/invented/agents/other.py', null, true])
      expect(notices.notices.map(({ sentence }) => sentence)).toEqual(hasStarted ? [] : ['Not now.'])
    }
  })

  it('forgets an answer that comes after the card was closed', async () => {
    const { launch } = setUp()
    const opening = launch.open(SCRIPT)
    launch.close()
    await opening
    expect(launch.draft).toBeNull()
  })

  it('begins as last time, and can be left to configuration again', async () => {
    const { room, launch } = setUp()
    room.answer('launch.remembered', ({ script }) => ({ choices: script === SCRIPT ? { budget: '12', args: ['--leads', '100'] } : {} }))
    await launch.open(SCRIPT)
    expect(room.asked('launch.inspect')).toEqual([{ script: SCRIPT, budget: '12', args: ['--leads', '100'] }])
    expect(launch.draft?.edits).toEqual({ budget: '12', args: '--leads 100' })
    expect(launch.draft?.remembered).toEqual(launch.draft?.edits)
    launch.reset('budget')
    await settle()
    expect(room.asked('launch.inspect').at(-1)).toEqual({ script: SCRIPT, args: ['--leads', '100'] })
    launch.edit('budget', '5')
    launch.reset(null)
    await settle()
    expect(room.asked('launch.inspect').at(-1)).toEqual({ script: SCRIPT })
    await pause()
    expect(room.asked('launch.inspect')).toHaveLength(3)
  })

  it('remembers what was chosen once it runs, and only then', async () => {
    const { room, launch } = setUp()
    room.answer('launch.remember', () => ({}))
    room.answer('agent.start', () => {
      throw new AppError('CONFLICT', 'Not now.')
    })
    await launch.open(SCRIPT)
    launch.edit('budget', '12')
    await launch.start(null)
    expect(room.asked('launch.remember')).toEqual([])
    const agent = sampleAgent()
    room.answer('agent.start', () => agent)
    await launch.start(null)
    expect(room.asked('launch.remember')).toEqual([{ script: agent.plan.script, choices: { budget: '12' } }])
  })

  it('puts what was remembered on no other card, and on none that was closed', async () => {
    const { room, launch } = setUp()
    const answers: (() => void)[] = []
    room.answer('launch.remembered', ({ script }) => new Promise((resolve) => answers.push(() => resolve({ choices: { budget: script === SCRIPT ? '12' : '7' } }))))
    const first = launch.open(SCRIPT)
    const second = launch.open('/invented/agents/other.py')
    await settle()
    answers[1]?.()
    await second
    answers[0]?.()
    await first
    expect(launch.draft).toMatchObject({ script: '/invented/agents/other.py', edits: { budget: '7' } })
    const third = launch.open(SCRIPT)
    await settle()
    launch.close()
    answers[2]?.()
    await third
    expect(launch.draft).toBeNull()
  })

  it('knows the recent scripts, and is silent while there is no connection', async () => {
    const { room, launch, notices } = setUp()
    const script = { script: SCRIPT, name: 'lead_gen_agent.py', lastStartedAt: 1, exists: false }
    room.answer('launch.recent', () => ({ scripts: [script] }))
    await launch.loadRecent()
    expect(launch.recent).toEqual([script])
    room.answer('launch.recent', () => {
      throw new AppError('UNAVAILABLE', 'gone')
    })
    await launch.loadRecent()
    expect(notices.notices).toEqual([])
    expect(launch.recent).toEqual([script])
  })
})
