import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { agentChanged, createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { applyAgentEvent, newestFirst, useAgentsStore } from './agents.ts'
import { useNoticesStore } from './notices.ts'
import { useUndoStore } from './undo.ts'

const A = sampleAgent({ id: 'aa-00000001', createdAt: 1 })
const B = sampleAgent({ id: 'bb-00000002', createdAt: 2 })

async function setUp() {
  const room = createTestRoom()
  const { use } = createTestApp(room)
  room.answer('agent.list', () => ({ agents: [B, A], seq: 10 }))
  const agents = use(useAgentsStore)
  const notices = use(useNoticesStore)
  await agents.view.load()
  return { room, agents, notices, undo: use(useUndoStore) }
}

describe('agents from events', () => {
  it('puts in, replaces and takes out', () => {
    const one = applyAgentEvent(new Map(), agentChanged(1, A))
    const stopped = applyAgentEvent(one, agentChanged(2, { ...A, status: 'stopped' }))
    expect(one.get(A.id)?.status).toBe('running')
    expect(stopped.get(A.id)?.status).toBe('stopped')
    const gone = applyAgentEvent(stopped, { ...agentChanged(3, A), name: 'agent.removed', payload: {} })
    expect(gone.size).toBe(0)
  })

  it('leaves the map as it is for what concerns it not', () => {
    const before = new Map([[A.id, A]])
    expect(applyAgentEvent(before, { ...agentChanged(1, A), name: 'agent.checkpointSaved', payload: { bytes: 3 } })).toBe(before)
  })

  it('lists the newest first, and equals in one order', () => {
    const C = { ...A, id: 'cc-00000003' }
    expect(newestFirst(new Map([A, C, B].map((one) => [one.id, one]))).map((one) => one.id)).toEqual([B.id, A.id, C.id])
  })
})

describe('the agents of the room', () => {
  it('begins with the newest, and goes to the newest when the one that is shown is gone', async () => {
    const { agents } = await setUp()
    expect(agents.selected?.id).toBe(B.id)
    agents.select(A.id)
    expect(agents.selected?.id).toBe(A.id)
    agents.view.receive([{ ...agentChanged(11, A), name: 'agent.removed', payload: {} }])
    expect(agents.selected?.id).toBe(B.id)
    agents.view.receive([{ ...agentChanged(12, B), name: 'agent.removed', payload: {} }])
    expect(agents.selected).toBeNull()
  })

  it('stays with the one that is shown when somebody else starts another', async () => {
    const { agents } = await setUp()
    const newer = sampleAgent({ id: 'nn-00000009', createdAt: 9 })
    agents.view.receive([agentChanged(11, newer)])
    expect(agents.agents[0]?.id).toBe(newer.id)
    expect(agents.selected?.id).toBe(B.id)
  })

  it('counts those that run or are about to', async () => {
    const { agents } = await setUp()
    expect(agents.running).toBe(2)
    agents.view.receive([agentChanged(11, { ...A, status: 'restarting' }), agentChanged(12, { ...B, status: 'crashed' })])
    expect(agents.running).toBe(1)
  })

  it('shows a started agent before its own event is here, and its event after', async () => {
    const { agents } = await setUp()
    const started = sampleAgent({ id: 'nn-00000009', createdAt: 9, status: 'starting' })
    agents.showStarted(started)
    expect(agents.agents.map((one) => one.id)).toEqual([started.id, B.id, A.id])
    expect(agents.selected?.status).toBe('starting')
    agents.view.receive([agentChanged(11, { ...started, status: 'running' })])
    expect(agents.agents).toHaveLength(3)
    expect(agents.selected?.status).toBe('running')
  })

  it('lets a started agent go when somebody else removes it', async () => {
    const { agents } = await setUp()
    const early = sampleAgent({ id: 'nn-00000009', createdAt: 9 })
    agents.showStarted(early)
    agents.view.receive([agentChanged(11, early)])
    agents.view.receive([{ ...agentChanged(12, early), name: 'agent.removed', payload: {} }])
    const late = sampleAgent({ id: 'nn-00000010', createdAt: 10 })
    agents.view.receive([agentChanged(13, late)])
    agents.showStarted(late)
    agents.view.receive([{ ...agentChanged(14, late), name: 'agent.removed', payload: {} }])
    expect(agents.agents.map((one) => one.id)).toEqual([B.id, A.id])
  })

  it('asks before it restarts what runs, and not before it starts what does not', async () => {
    const { room, agents } = await setUp()
    room.answer('agent.restart', () => A)
    agents.restart(A.id)
    expect([agents.restartAsked, room.asked('agent.restart')]).toEqual([A.id, []])
    agents.answerRestart(false)
    expect([agents.restartAsked, room.asked('agent.restart')]).toEqual([null, []])
    agents.restart(A.id)
    agents.answerRestart(true)
    await settle()
    agents.view.receive([agentChanged(11, { ...B, status: 'crashed' })])
    agents.restart(B.id)
    expect([agents.restartAsked, room.asked('agent.restart')]).toEqual([null, [{ agentId: A.id }, { agentId: B.id }]])
  })

  it('takes a removed agent out of sight at once, and out of the room when nobody wants it back', async () => {
    const { room, agents, undo } = await setUp()
    room.answer('agent.remove', () => ({}))
    const started = sampleAgent({ id: 'nn-00000009', createdAt: 9 })
    agents.showStarted(started)
    agents.view.receive([agentChanged(11, started)])
    agents.remove(started.id)
    expect(agents.agents.map((one) => one.id)).toEqual([B.id, A.id])
    expect(room.asked('agent.remove')).toEqual([])
    await undo.letGo()
    expect(room.asked('agent.remove')).toEqual([{ agentId: started.id }])
    agents.view.receive([{ ...agentChanged(12, started), name: 'agent.removed', payload: {} }])
    expect(agents.agents.map((one) => one.id)).toEqual([B.id, A.id])
  })

  it('brings a removed agent back where it was, and before the eyes', async () => {
    const { room, agents, undo } = await setUp()
    agents.remove(A.id)
    expect(undo.offered?.sentence).toBe('lead_gen_agent.py was removed from the list.')
    await undo.undo()
    expect(agents.agents.map((one) => one.id)).toEqual([B.id, A.id])
    expect(agents.selected?.id).toBe(A.id)
    expect(room.asked('agent.remove')).toEqual([])
  })

  it('keeps an agent that the room does not let go', async () => {
    const { room, agents, notices, undo } = await setUp()
    room.answer('agent.remove', () => {
      throw new AppError('CONFLICT', 'It runs; stop it first.')
    })
    agents.remove(A.id)
    await undo.letGo()
    expect(agents.agents).toHaveLength(2)
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['It runs; stop it first.'])
  })

  it('says in the room’s own sentence why something failed', async () => {
    const { room, agents, notices } = await setUp()
    room.answer('agent.restart', () => {
      throw new AppError('CONFLICT', 'It is stopping; wait until it has stopped.')
    })
    await agents.act('agent.restart', A.id)
    expect(notices.notices.map((notice) => notice.sentence)).toEqual(['It is stopping; wait until it has stopped.'])
    expect(agents.underWay.size).toBe(0)
  })

  it('asks once while an answer is under way, but hears Stop at any time', async () => {
    const { room, agents } = await setUp()
    let finish: () => void = () => {}
    room.answer('agent.restart', () => new Promise((resolve) => (finish = () => resolve(A))))
    room.answer('agent.stop', () => A)
    const first = agents.act('agent.restart', A.id)
    await agents.act('agent.restart', A.id)
    expect(room.asked('agent.restart')).toHaveLength(1)
    await agents.act('agent.stop', A.id)
    expect(room.asked('agent.stop')).toEqual([{ agentId: A.id }])
    finish()
    await first
    await settle()
    expect(agents.underWay.size).toBe(0)
  })
})
