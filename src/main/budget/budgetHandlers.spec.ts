import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../shared/domain/roles.ts'
import { createTestRouter } from '../router/testRouter.ts'
import type { Router } from '../router/router.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { budgetHandlers } from './budgetHandlers.ts'
import { AGENT, CENT, DOLLAR, openTestDesk, type TestDesk } from './testDesk.ts'

const folders = useTestFolders()
const OWNER: Caller = { role: 'admin', id: 'owner' }
const GUEST: Caller = { role: 'viewer', id: 'guest' }
const ITSELF: Caller = { role: 'agent', id: AGENT }
let test: TestDesk
let router: Router
let steps: unknown[][]

beforeEach(async () => {
  test = await openTestDesk(folders.make())
  await test.launch(DOLLAR)
  steps = []
  const redact = (text: string): string => text.replaceAll('ceo@acme.test', '[EMAIL_REDACTED]')
  router = createTestRouter(budgetHandlers({ budgets: test.desk, bus: test.bus, performance: { tell: () => undefined, tellStep: (...told: unknown[]) => void steps.push(told) }, checkText: (_agentId, _place, text) => redact(text), redact })).router
})
afterEach(() => test.close())

describe('the commands of a budget', () => {
  it('list and show it to everybody who may look', async () => {
    await test.charge(await test.hold(CENT), CENT)
    const shown = { agentId: AGENT, spent: CENT, limit: DOLLAR }
    expect(await router.request('budget.status', { agentId: AGENT }, GUEST)).toMatchObject(shown)
    expect(await router.request('budget.list', {}, GUEST)).toMatchObject({ budgets: [shown], seq: test.bus.latest() })
    await expect(router.request('budget.status', { agentId: 'no-00000000' }, GUEST)).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
    await expect(router.request('budget.list', {}, ITSELF)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('raise it by whoever may, with who and why', async () => {
    const raise = { agentId: AGENT, by: 25 * CENT, reason: 'It goes well.' }
    expect(await router.request('budget.raise', raise, OWNER)).toMatchObject({ limit: 125 * CENT })
    expect(test.heard('budget.raised')).toMatchObject([{ payload: { actor: 'owner (admin)', reason: 'It goes well.' } }])
    for (const caller of [GUEST, ITSELF]) await expect(router.request('budget.raise', raise, caller)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it.each([
    ['nothing', { by: 0 }],
    ['less', { by: -1 }],
    ['parts of a nanodollar', { by: 0.5 }],
    ['more than there may be', { by: 1_000_000_000_000_001 }],
    ['without a reason', { reason: '   ' }],
  ])('raise it by %s: refused', async (_name, wrong) => {
    const raise = { agentId: AGENT, by: CENT, reason: 'It goes well.', ...wrong }
    await expect(router.request('budget.raise', raise, OWNER)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(test.desk.status(AGENT).limit).toBe(DOLLAR)
  })

  it('take what an agent is at, redacted; what it leaves out stays', async () => {
    const progress = { agentId: AGENT, done: 1, unit: 'lead' }
    for (const step of [{ step: 'writing to ceo@acme.test' }, {}, { step: null }]) await router.request('agent.progress', { ...progress, ...step }, ITSELF)
    expect(steps).toEqual([[AGENT, 'writing to [EMAIL_REDACTED]'], [AGENT, null]])
  })

  it('decline what waits', async () => {
    const admission = test.ask(5 * DOLLAR)
    await new Promise((resolve) => setImmediate(resolve))
    const [parked] = test.desk.status(AGENT).parked
    await expect(router.request('budget.decline', { agentId: AGENT, reason: 'Too dear' }, GUEST)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const declined = await router.request('budget.decline', { agentId: AGENT, callId: parked?.callId, reason: 'Too dear' }, OWNER)
    expect(declined).toMatchObject({ parked: [] })
    expect(await admission).toMatchObject({ outcome: 'refused', refusal: 'declined' })
  })

  it('keep and tell no private data of whoever decides', async () => {
    const admission = test.ask(5 * DOLLAR)
    await new Promise((resolve) => setImmediate(resolve))
    await router.request('budget.raise', { agentId: AGENT, by: CENT, reason: 'ceo@acme.test asked' }, OWNER)
    await router.request('budget.decline', { agentId: AGENT, reason: 'ask ceo@acme.test' }, OWNER)
    expect(test.heard('budget.raised')).toMatchObject([{ payload: { reason: '[EMAIL_REDACTED] asked' } }])
    expect(JSON.stringify(await admission)).toContain('ask [EMAIL_REDACTED]')
  })

  it('take an agent’s own progress, and nobody else’s', async () => {
    const progress = { agentId: AGENT, done: 23, unit: 'lead' }
    expect(await router.request('agent.progress', progress, ITSELF)).toEqual({})
    expect(test.desk.status(AGENT).progress).toEqual({ done: 23, total: null, unit: 'lead', failed: 0 })
    expect(await router.request('agent.progress', { ...progress, total: 100 }, OWNER)).toEqual({})
    expect(test.desk.status(AGENT).progress).toMatchObject({ total: 100 })
    const refused = router.request('agent.progress', { ...progress, done: 99 }, { role: 'agent', id: 'ot-00000001' })
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'An agent reaches its own progress only; this one is ot-00000001.' })
    await expect(router.request('agent.progress', progress, GUEST)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(test.desk.status(AGENT).progress).toMatchObject({ done: 23 })
  })
})
