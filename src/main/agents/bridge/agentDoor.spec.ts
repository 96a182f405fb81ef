import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CommandHandlers } from '../../router/router.ts'
import { createTestRouter } from '../../router/testRouter.ts'
import { AGENT, callBridge, createTestBridge, hello, type TestBridge } from './testBridge.ts'

let room: TestBridge
beforeEach(async () => {
  room = await createTestBridge()
})
afterEach(async () => {
  await room.close()
  expect(room.defects).toEqual([])
})

async function greeted(handlers: Partial<CommandHandlers> = {}) {
  room.request = createTestRouter(handlers).router.request
  const caller = await callBridge(room.path)
  caller.send(hello())
  return caller
}

const PROGRESS = { done: 23, total: 100, unit: 'leads', failed: 0 }

describe('the contract over the bridge', () => {
  it('answers a question under its id, as the agent that asks', async () => {
    const heard: unknown[] = []
    const caller = await greeted({
      'agent.progress': (input, who) => {
        heard.push(input, who)
        return {}
      },
    })
    caller.send({ kind: 'ask', id: 7, command: 'agent.progress', input: PROGRESS })
    expect(await caller.next()).toEqual({ kind: 'answer', id: 7, output: {} })
    expect(heard).toEqual([{ agentId: AGENT, ...PROGRESS }, { role: 'agent', id: AGENT }])
    expect(caller.courtesies).toEqual([{ kind: 'welcome', protocol: 1, agentId: AGENT, room: '0.0.0' }])
  })

  it('refuses as every door does', async () => {
    const caller = await greeted()
    const refused = async (command: string, input: unknown): Promise<unknown> => {
      caller.send({ kind: 'ask', id: 1, command, input })
      return caller.next()
    }
    expect(await refused('agent.list', {})).toMatchObject({ kind: 'refusal', id: 1, error: { code: 'FORBIDDEN' } })
    expect(await refused('agent.progress', { ...PROGRESS, mood: 'good' })).toMatchObject({ error: { code: 'INVALID_INPUT' } })
    expect(await refused('agent.invented', {})).toMatchObject({ error: { code: 'NOT_FOUND' } })
    expect(await refused('agent.progress', { ...PROGRESS, agentId: 'lg-00000000' })).toMatchObject({ error: { code: 'FORBIDDEN' } })
    expect(await refused('agent.progress', null)).toMatchObject({ error: { code: 'INVALID_INPUT' } })
    caller.send({ kind: 'sing', id: 2 })
    expect(await caller.next()).toMatchObject({ kind: 'refusal', id: 2, error: { code: 'NOT_FOUND' } })
  })

  it('hears what is told and says nothing; of what is wrong with it the first is told, and how much it was', async () => {
    const heard: unknown[] = []
    const caller = await greeted({
      'agent.progress': (input) => {
        heard.push(input.done)
        return {}
      },
    })
    for (const done of [1, 'two', 3, 'four', 'five']) caller.send({ kind: 'tell', command: 'agent.progress', input: { ...PROGRESS, done } })
    caller.send({ kind: 'ask', id: 9, command: 'agent.progress', input: { ...PROGRESS, done: 6 } })
    expect(await caller.next()).toMatchObject({ kind: 'answer', id: 9 })
    expect(heard).toEqual([1, 3, 6])
    expect(room.misbehaved).toEqual([[AGENT, expect.stringMatching(/^A report by "agent.progress" was wrong: .*done/)]])
  })
})
