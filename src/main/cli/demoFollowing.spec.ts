import { expect, it } from 'vitest'
import type { ControlRoomClient, StreamListener } from '../../shared/client.ts'
import type { Demo } from '../../shared/domain/demo.ts'
import { sampleDemo, sampleDemoRun, sampleTrigger } from '../../shared/domain/testDemo.ts'
import { AppError } from '../../shared/errors.ts'
import { followDemo } from './demoFollowing.ts'

const FORMATTED = { progress: '10 / 100 leads (10%)', spent: '$2.30', limit: '$50.00', used: '4.6%', average: '$0.23 avg/lead' }

/** A room of which only the demo is asked; its answers come when they are let go. */
function setUp() {
  let listener: StreamListener<Demo> | null = null
  let isClosed = false
  const answers: (() => void)[] = []
  const client = {
    request: (name: string) => new Promise((resolve) => answers.push(() => resolve(name === 'agent.metrics' ? { formatted: FORMATTED } : {}))),
    follow: (_name: string, _input: unknown, to: StreamListener<Demo>) => {
      listener = to
      return { acknowledge: () => undefined, close: () => (isClosed = true) }
    },
  } as unknown as ControlRoomClient
  const lines: [string, unknown][] = []
  const following = followDemo(client, (text, facts) => {
    lines.push([text, facts])
    return Promise.resolve()
  })
  return {
    following,
    lines,
    tell: (demo: Demo) => listener?.onItem(demo),
    end: (error: AppError) => listener?.onEnd?.(error),
    answer: () => answers.splice(0).forEach((answer) => answer()),
    isClosed: () => isClosed,
  }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

it('says in order what happens, with the figures of the room', async () => {
  const { following, lines, tell, answer } = setUp()
  tell(sampleDemo({ run: sampleDemoRun({ lead: 1 }) }))
  tell(sampleDemo({ run: sampleDemoRun({ lead: 11 }) }))
  tell(sampleDemo({ run: sampleDemoRun({ lead: 12 }), triggers: [sampleTrigger({ state: 'fired', firedAtLead: 12 })] }))
  await turns()
  expect(lines).toEqual([])
  answer()
  await turns()
  expect(lines).toEqual([
    ['10 / 100 leads (10%), $2.30 of $50.00 spent (4.6%), $0.23 avg/lead', { kind: 'leads', leads: 10, formatted: FORMATTED }],
    ['Lead 12: LinkedIn stops answering.', { kind: 'trigger', trigger: 'rate-limit', state: 'fired', lead: 12 }],
  ])
  expect(following.run?.lead).toBe(12)
})

it('tells its end when everything has been said', async () => {
  const { following, lines, tell, isClosed } = setUp()
  const end = following.nextEnd()
  tell(sampleDemo({ run: sampleDemoRun({ lead: 57, phase: 'running' }) }))
  tell(sampleDemo({ run: sampleDemoRun({ lead: 57, phase: 'interrupted' }) }))
  expect(await end).toBe('interrupted')
  expect(lines).toEqual([['The demo is interrupted: its agent is gone before its end. It goes on with: iron_cage demo --go-on', { kind: 'interrupted' }]])
  const again = following.nextEnd()
  tell(sampleDemo({ run: null }))
  expect(await again).toBe('reset')
  following.close()
  expect(isClosed()).toBe(true)
})

it('rejects when the room goes away', async () => {
  const { following, end } = setUp()
  const gone = expect(following.nextEnd()).rejects.toThrow('The control room has gone away.')
  end(new AppError('UNAVAILABLE', 'The control room has gone away.'))
  await gone
})
