import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AgentStatus } from '../../shared/domain/agent.ts'
import { advance, IllegalStep, type Happening, type Lifecycle } from './lifecycle.ts'

const STATES: Record<AgentStatus, Lifecycle> = {
  starting: { status: 'starting' },
  running: { status: 'running', pid: 7, since: 1000 },
  stopping: { status: 'stopping', pid: 7, cause: 'asked' },
  restarting: { status: 'restarting', at: 2000 },
  stopped: { status: 'stopped' },
  crashed: { status: 'crashed' },
  blocked: { status: 'blocked' },
  'over-budget': { status: 'over-budget' },
}

const HAPPENINGS: Record<Happening['kind'], Happening> = {
  startAsked: { kind: 'startAsked' },
  spawned: { kind: 'spawned', pid: 8, at: 3000 },
  spawnFailed: { kind: 'spawnFailed' },
  stopAsked: { kind: 'stopAsked', cause: 'asked' },
  finished: { kind: 'finished' },
  crashed: { kind: 'crashed' },
  restartPlanned: { kind: 'restartPlanned', at: 4000 },
  ended: { kind: 'ended' },
  restartDue: { kind: 'restartDue' },
  lost: { kind: 'lost' },
}

/** The whole truth, written a second time by hand. */
const LEGAL: [AgentStatus, Happening['kind'], Lifecycle][] = [
  ['starting', 'spawned', { status: 'running', pid: 8, since: 3000 }],
  ['starting', 'spawnFailed', { status: 'crashed' }],
  ['starting', 'lost', { status: 'crashed' }],
  ['running', 'stopAsked', { status: 'stopping', pid: 7, cause: 'asked' }],
  ['running', 'finished', { status: 'stopped' }],
  ['running', 'crashed', { status: 'crashed' }],
  ['running', 'restartPlanned', { status: 'restarting', at: 4000 }],
  ['running', 'lost', { status: 'crashed' }],
  ['stopping', 'ended', { status: 'stopped' }],
  ['stopping', 'lost', { status: 'crashed' }],
  ['restarting', 'restartDue', { status: 'starting' }],
  ['restarting', 'stopAsked', { status: 'stopped' }],
  ['restarting', 'lost', { status: 'crashed' }],
  ['stopped', 'startAsked', { status: 'starting' }],
  ['crashed', 'startAsked', { status: 'starting' }],
  ['blocked', 'startAsked', { status: 'starting' }],
  ['over-budget', 'startAsked', { status: 'starting' }],
]

describe('the life of an agent', () => {
  it.each(LEGAL)('%s, %s', (status, kind, expected) => {
    expect(advance(STATES[status], HAPPENINGS[kind])).toEqual(expected)
  })

  const isLegal = new Set(LEGAL.map(([status, kind]) => `${status} ${kind}`))
  const illegal = AgentStatus.options.flatMap((status) =>
    (Object.keys(HAPPENINGS) as Happening['kind'][]).filter((kind) => !isLegal.has(`${status} ${kind}`)).map((kind) => [status, kind] as const),
  )

  it.each(illegal)('%s cannot meet %s', (status, kind) => {
    expect(() => advance(STATES[status], HAPPENINGS[kind])).toThrow(IllegalStep)
  })

  it.each([
    ['blocked', 'blocked'],
    ['over-budget', 'over-budget'],
  ] as const)('an end for %s is told apart from a stop that was asked for', (cause, status) => {
    const stopping = advance(STATES.running, { kind: 'stopAsked', cause })
    expect(advance(stopping, { kind: 'ended' })).toEqual({ status })
    expect(advance(STATES.restarting, { kind: 'stopAsked', cause })).toEqual({ status })
  })

  it('goes from the stop of a restart to a new start, without being settled in between', () => {
    const stopping = advance(STATES.running, { kind: 'stopAsked', cause: 'restart' })
    expect(advance(stopping, { kind: 'ended' })).toEqual({ status: 'starting' })
    expect(advance(STATES.restarting, { kind: 'stopAsked', cause: 'restart' })).toEqual({ status: 'starting' })
  })

  it('never has a process in a settled state, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(HAPPENINGS)), { maxLength: 60 }), (happenings) => {
        let state: Lifecycle = STATES.starting
        for (const happening of happenings) {
          try {
            state = advance(state, happening)
          } catch (error) {
            expect(error).toBeInstanceOf(IllegalStep)
          }
          expect('pid' in state).toBe(state.status === 'running' || state.status === 'stopping')
        }
      }),
    )
  })
})
