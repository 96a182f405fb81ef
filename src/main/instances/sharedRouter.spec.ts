import { expect, it } from 'vitest'
import type { Agent } from '../../shared/domain/agent.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { Router } from '../router/router.ts'
import { createTestClock } from '../access/testClock.ts'
import { createSharedRouter, type SharedRouterOptions } from './sharedRouter.ts'

const CALLER = { role: 'admin', id: 'owner' } as const
const THEIRS = 'lg-7a3f9c2d'
const router: Router = {
  request: async (): Promise<JsonValue> => ({ agents: [], seq: 1, budgets: ['ours'] }),
  open: () => ({ close: () => {} }),
}

const NOBODY: SharedRouterOptions['asking'] = { ask: () => Promise.reject(new Error('nobody is asked')) }

function shared(instances: Partial<SharedRouterOptions['instances']>, asking = NOBODY): { readonly router: Router; readonly defects: unknown[] } {
  const defects: unknown[] = []
  const all = { own: 'one', ownerOf: async () => 'other', living: async () => [], agentsOfOthers: async () => [], ...instances }
  return { router: createSharedRouter({ router, instances: all, asking, isOwn: () => false, onDefect: (defect) => `incident-${defects.push(defect)}` }), defects }
}

const INCIDENT = { code: 'INTERNAL', message: 'Something went wrong inside the control room. The log has it as incident incident-1.' }

it('what another control room wrote and this one does not understand is told as an incident', async () => {
  const { router, defects } = shared({ agentsOfOthers: async () => [{ id: THEIRS, createdAt: 1, of: 'a version to come' } as unknown as Agent] })
  const problem = await router.request('agent.list', {}, CALLER).catch((refused: unknown) => refused)
  expect(problem).toBeInstanceOf(AppError)
  expect(problem).toMatchObject(INCIDENT)
  expect(defects).toHaveLength(1)
})

it('a database that answers with an error of its own is told as an incident, to who asks and to who follows', async () => {
  const ownerOf = (): Promise<never> => Promise.reject(new Error('XX000'))
  await expect(shared({ ownerOf }).router.request('agent.get', { agentId: THEIRS }, CALLER)).rejects.toMatchObject(INCIDENT)
  const ended = new Promise((resolve) => shared({ ownerOf }).router.open('terminal.follow', { agentId: THEIRS }, CALLER, { push: () => {}, end: resolve }))
  expect(await ended).toMatchObject(INCIDENT)
})

it('a list does not wait long for a control room that hears and says nothing', async () => {
  const clock = createTestClock()
  const silent: SharedRouterOptions['asking'] = {
    ask: (_instance, _question, patienceMs = 60_000) => new Promise((_resolve, reject) => clock.after(patienceMs, () => reject(new AppError('UNAVAILABLE', 'It does not answer.')))),
  }
  const listing = shared({ living: async () => ['asleep'] }, silent).router.request('budget.list', {}, CALLER)
  while (clock.waiting() === 0) await new Promise((resolve) => setImmediate(resolve))
  clock.advance(3_000)
  expect(await listing).toMatchObject({ budgets: ['ours'] })
})
