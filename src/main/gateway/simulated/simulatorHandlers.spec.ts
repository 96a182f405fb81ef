import { describe, expect, it } from 'vitest'
import { samplePlan, sampleAgent } from '../../../shared/domain/testAgents.ts'
import type { ProviderMode } from '../../../shared/domain/provider.ts'
import { AppError } from '../../../shared/errors.ts'
import type { Announcement } from '../../../shared/domain/event.ts'
import { createTestRouter } from '../../router/testRouter.ts'
import { simulatorHandlers } from './simulatorHandlers.ts'
import { AGENT, createTestSimulation } from './testSimulation.ts'

const ADMIN = { role: 'admin', id: 'owner' } as const
const CHAT = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] }

function room(mode: ProviderMode = 'simulated') {
  const simulation = createTestSimulation()
  const told: Announcement[] = []
  const supervisor = {
    get: (agentId: string) => {
      if (agentId !== AGENT) throw new AppError('AGENT_NOT_FOUND', `There is no agent ${agentId}.`)
      return sampleAgent({ plan: samplePlan({ llm: { ...samplePlan().llm, mode } }) })
    },
  }
  const announce = (announcement: Announcement): Promise<never> => {
    told.push(announcement)
    return Promise.resolve(undefined as never)
  }
  const { router } = createTestRouter(simulatorHandlers({ supervisor, simulated: simulation.upstream, bus: { announce } }))
  return {
    ...simulation,
    told,
    fail: (input: unknown, caller: Parameters<typeof router.request>[2] = ADMIN) => router.request('simulator.fail', input, caller),
  }
}

describe('simulator.fail', () => {
  it('makes the next calls fail, and tells who asked for it', async () => {
    const { fail, ask, told } = room()
    expect(await fail({ agentId: AGENT, failures: [{ kind: 'rate-limit', times: 2 }] })).toEqual({})
    expect([
      (await ask('chat/completions', CHAT)).status,
      (await ask('chat/completions', CHAT)).status,
      (await ask('chat/completions', CHAT)).status,
    ]).toEqual([429, 429, 200])
    expect(told).toMatchObject([{ name: 'log.written', agentId: AGENT, payload: { fields: { actor: 'owner', kinds: ['rate-limit'] } } }])
  })

  it.each([
    ['an unknown agent', { agentId: 'ot-00000001', failures: [{ kind: 'cut' }] }, 'AGENT_NOT_FOUND'],
    ['no failures', { agentId: AGENT, failures: [] }, 'INVALID_INPUT'],
    ['an unknown kind', { agentId: AGENT, failures: [{ kind: 'fire' }] }, 'INVALID_INPUT'],
  ])('refuses %s', async (_what, input, code) => {
    await expect(room().fail(input)).rejects.toMatchObject({ code })
  })

  it('is for admins only', async () => {
    const input = { agentId: AGENT, failures: [{ kind: 'cut' }] }
    await expect(room().fail(input, { role: 'viewer', id: 'guest' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(room().fail(input, { role: 'agent', id: AGENT })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('says why nothing can be done where a live provider answers', async () => {
    await expect(room('live').fail({ agentId: AGENT, failures: [{ kind: 'cut' }] })).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})
