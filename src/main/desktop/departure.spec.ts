import { describe, expect, it } from 'vitest'
import type { Agent, AgentStatus } from '../../shared/domain/agent.ts'
import { createDeparture, departureQuestion, type DepartureQuestion } from './departure.ts'

function agent(name: string, status: AgentStatus = 'running'): Agent {
  return { id: `${name.slice(0, 2)}-00000000`, status, plan: { name } } as Agent
}

describe('what is asked before the room closes', () => {
  it('says how many agents run, and names them', () => {
    expect(departureQuestion([agent('first.py'), agent('second.py', 'starting')])).toEqual({
      message: '2 agents are running. Closing the room stops them.',
      detail: 'first.py (fi-00000000)\nsecond.py (se-00000000)',
    })
    expect(departureQuestion([agent('first.py')])?.message).toBe('1 agent is running. Closing the room stops it.')
  })

  it('names three of them at most', () => {
    const many = ['aa.py', 'bb.py', 'cc.py', 'dd.py', 'ee.py'].map((name) => agent(name))
    expect(departureQuestion(many)).toEqual({
      message: '5 agents are running. Closing the room stops them.',
      detail: 'aa.py (aa-00000000)\nbb.py (bb-00000000)\ncc.py (cc-00000000)\nand 2 more',
    })
  })

  it.each(['starting', 'running', 'stopping', 'restarting'] as const)('counts one that is %s', (status) => {
    expect(departureQuestion([agent('only.py', status)])).not.toBeNull()
  })

  it('is nothing when nobody runs', () => {
    const over = (['stopped', 'crashed', 'blocked', 'over-budget'] as const).map((status) => agent('over.py', status))
    expect(departureQuestion(over)).toBeNull()
    expect(departureQuestion([])).toBeNull()
  })
})

/** A room whose user has not answered yet. */
function createRoom(agents: () => Promise<Agent[]>) {
  const asked: { question: DepartureQuestion; withdrawn: AbortSignal; answer(isGranted: boolean): void }[] = []
  const closed: number[] = []
  const departure = createDeparture({
    agents,
    ask: (question, withdrawn) => new Promise((resolve) => asked.push({ question, withdrawn, answer: resolve })),
    close: (exitCode) => closed.push(exitCode),
  })
  return { departure, asked, closed }
}

const running = async (): Promise<Agent[]> => [agent('first.py')]

describe('leaving', () => {
  it('asks nothing when no agent runs', async () => {
    const { departure, asked, closed } = createRoom(async () => [agent('over.py', 'stopped')])
    await departure.request()
    expect(asked).toEqual([])
    expect(closed).toEqual([0])
  })

  it('waits for the answer, asks once however often somebody closes, and asks again after a refusal', async () => {
    const { departure, asked, closed } = createRoom(running)
    const first = departure.request()
    await departure.request()
    await departure.request()
    expect(asked).toHaveLength(1)
    asked[0]?.answer(false)
    await first
    expect(closed).toEqual([])
    expect(departure.isUnderWay).toBe(false)

    const second = departure.request()
    await Promise.resolve()
    expect(asked).toHaveLength(2)
    asked[1]?.answer(true)
    await second
    expect(closed).toEqual([0])
    expect(departure.isUnderWay).toBe(true)
  })

  it('asks nobody when it is told to leave, and takes back a question that is open', async () => {
    const { departure, asked, closed } = createRoom(running)
    const request = departure.request()
    await Promise.resolve()
    departure.leave(0)
    expect(closed).toEqual([0])
    expect(asked[0]?.withdrawn.aborted).toBe(true)
    asked[0]?.answer(false)
    await request
    departure.leave(70)
    await departure.request()
    expect(closed).toEqual([0])
    expect(asked).toHaveLength(1)
  })

  it('asks nothing any more when it is told to leave while it counts', async () => {
    const counting = Promise.withResolvers<Agent[]>()
    const { departure, asked, closed } = createRoom(() => counting.promise)
    const request = departure.request()
    departure.leave(0)
    counting.resolve([agent('first.py')])
    await request
    expect(asked).toEqual([])
    expect(closed).toEqual([0])
  })

  it('never withdraws a question that has been answered', async () => {
    const { departure, asked } = createRoom(running)
    const request = departure.request()
    await Promise.resolve()
    asked[0]?.answer(true)
    await request
    expect(asked[0]?.withdrawn.aborted).toBe(false)
  })

  it('leaves when the question cannot be put', async () => {
    const { departure, closed } = createRoom(() => Promise.reject(new Error('nobody knows')))
    await departure.request()
    expect(closed).toEqual([0])
  })
})
