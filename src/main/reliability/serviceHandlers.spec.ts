import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../shared/domain/roles.ts'
import { sumServed } from '../performance/servedSums.ts'
import { createRouter, type CommandHandlers, type Router, type StreamHandlers } from '../router/router.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { serviceHandlers } from './serviceHandlers.ts'
import { AGENT, openTestServices, type TestServices } from './testServices.ts'

const folders = useTestFolders()
let test: TestServices
let router: Router

beforeEach(async () => {
  test = await openTestServices({ dataFolder: folders.make() })
  await test.launch()
  const commandHandlers = serviceHandlers({ services: test.desk, bus: test.bus }) as CommandHandlers
  router = createRouter({ commandHandlers, streamHandlers: {} as StreamHandlers, onDefect: (defect) => (test.defects.push(defect), 'invented') })
})
afterEach(async () => {
  expect(test.defects).toEqual([])
  await test.close()
})

const agent: Caller = { role: 'agent', id: AGENT }
const viewer: Caller = { role: 'viewer', id: 'grace' }
const admin: Caller = { role: 'admin', id: 'ada' }
const ask = (name: string, input: object, caller: Caller = agent) => router.request(name, { agentId: AGENT, ...input }, caller)

describe('services through the router', () => {
  it('are declared, begun and ended by the agent itself', async () => {
    expect(await ask('service.declare', { service: 'linkedin', breaker: { failures: 1 }, fallback: ['placeholder'], placeholder: 7, price: '0.10', hosts: ['API.linkedin.com'] })).toMatchObject({
      name: 'linkedin', hosts: ['api.linkedin.com'], breaker: { failures: 1, cooldownMs: 60_000 }, placeholder: 7, pricePerCall: 100_000_000,
    })
    expect(await ask('service.plan', {})).toMatchObject({ services: [{ name: 'linkedin' }] })
    const begun = (await ask('service.begin', { service: 'linkedin' })) as { callId: string }
    expect(begun).toEqual({ callId: begun.callId, do: 'call', isProbe: false, instead: null, retryAfterMs: null, reason: null })
    expect(await ask('service.end', { callId: begun.callId, outcome: 'failed' })).toEqual({ instead: { tier: 'placeholder', value: 7, ageMs: null }, isOpen: true })
    expect(await ask('service.end', { callId: begun.callId, outcome: 'failed' })).toEqual({ instead: null, isOpen: false })
    expect(await ask('service.served', { callId: begun.callId, tier: 'custom' })).toEqual({})
    expect(await ask('destination.report', { hosts: [{ host: 'api.example.test:443', covered: 'none', calls: 2 }] })).toEqual({})
    const { services } = (await router.request('service.list', {}, viewer)) as { services: unknown[] }
    expect(services).toMatchObject([{ agentId: AGENT, service: 'linkedin', state: 'open', calls: 1 }])
    expect(await ask('destination.list', {}, viewer)).toMatchObject({ destinations: [{ host: 'api.example.test:443', calls: 2 }] })
  })

  it('can be listed whatever an agent makes up of prices and of how often it went somewhere', async () => {
    await expect(ask('service.declare', { service: 'linkedin', price: '9999999' })).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('at most 1000000') as string })
    await ask('service.declare', { service: 'linkedin', breaker: { failures: 1 }, price: '1000000' })
    const { callId } = (await ask('service.begin', { service: 'linkedin' })) as { callId: string }
    await ask('service.end', { callId, outcome: 'failed' })
    for (let call = 0; call < 10; call++) await ask('service.begin', { service: 'linkedin' })
    for (let call = 0; call < 2; call++) await ask('destination.report', { hosts: [{ host: 'api.example.test:443', covered: 'none', calls: Number.MAX_SAFE_INTEGER }] })
    expect(await router.request('service.list', {}, viewer)).toMatchObject({ services: [{ blocked: 10, saved: Number.MAX_SAFE_INTEGER }] })
    expect(await ask('destination.list', {}, viewer)).toMatchObject({ destinations: [{ calls: Number.MAX_SAFE_INTEGER }] })
    expect(sumServed([test.view(), test.view()]).saved).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('count one call of several attempts once: 33 answered, then an outage', async () => {
    await ask('service.declare', { service: 'linkedin', fallback: ['cached'], price: '0.10' })
    type Verdict = { callId: string; do: string; instead: { tier: string } | null }
    const begin = async () => (await ask('service.begin', { service: 'linkedin' })) as Verdict
    const fails = async (callId: string, again: boolean) => ((await ask('service.end', { callId, outcome: 'failed', detail: '429', again })) as Pick<Verdict, 'instead'>).instead
    for (let lead = 1; lead <= 33; lead++) await ask('service.end', { callId: (await begin()).callId, outcome: 'ok', value: 'Ada' })
    for (let attempt = 1; attempt < 5; attempt++) expect(await fails((await begin()).callId, true)).toBeNull()
    expect(await fails((await begin()).callId, false)).toMatchObject({ tier: 'cached' })
    expect(test.view()).toMatchObject({ state: 'open', blocked: 0, served: { primary: 33, cached: 1 } })
    for (let lead = 35; lead <= 100; lead++) {
      if (lead % 10 === 0) {
        test.clock.advance(60_000)
        const probe = await begin()
        expect(probe).toMatchObject({ do: 'call', isProbe: true })
        expect(await ask('service.end', { callId: probe.callId, outcome: 'failed', again: true })).toEqual({ instead: null, isOpen: true })
      }
      expect(await begin()).toMatchObject({ do: 'use', instead: { tier: 'cached', value: 'Ada' } })
    }
    expect(test.view()).toMatchObject({ state: 'open', failures: 12, blocked: 66, served: { primary: 33, cached: 67, failed: 0 }, formatted: { blocked: '66 leads', saved: '$6.60 saved' } })
  })

  it.each([
    ['service.declare', { service: 'linkedin' }],
    ['service.plan', {}],
    ['service.begin', { service: 'linkedin' }],
    ['service.end', { callId: 'svc-0123456789abcdef', outcome: 'ok' }],
    ['service.served', { callId: 'svc-0123456789abcdef', tier: 'custom' }],
    ['destination.report', { hosts: [{ host: 'a.test', covered: 'none', calls: 1 }] }],
  ])('%s is for the agent itself alone', async (name, input) => {
    await expect(ask(name, input, { role: 'agent', id: 'lg-00000002' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(ask(name, input, viewer)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('nobody ends another agent’s call', async () => {
    await test.launch({}, { id: 'lg-00000002' })
    const { callId } = (await ask('service.begin', { service: 'linkedin' })) as { callId: string }
    const other = router.request('service.end', { agentId: 'lg-00000002', callId, outcome: 'failed' }, { role: 'agent', id: 'lg-00000002' })
    await expect(other).rejects.toThrow(`${callId} is a call of another agent.`)
    expect(await ask('service.end', { callId, outcome: 'ok' })).toEqual({ instead: null, isOpen: false })
    expect(test.view()).toMatchObject({ failures: 0, served: { primary: 1 } })
  })

  it('are reset by an admin alone, and wrong input is refused with a sentence', async () => {
    await ask('service.begin', { service: 'linkedin' })
    await expect(ask('service.reset', { service: 'linkedin' }, viewer)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await ask('service.reset', { service: 'linkedin' }, admin)).toMatchObject({ state: 'closed' })
    await expect(ask('service.declare', { service: 'linkedin', price: 'ten' })).rejects.toThrow('The price is "ten", but must be an amount in dollars, at most 1000000, such as 0.10.')
    await expect(ask('service.declare', { service: 'linkedin', hosts: ['https://x.test/'] })).rejects.toThrow('expected a host such as api.linkedin.com')
    await expect(router.request('service.begin', { agentId: 'lg-00000009', service: 'linkedin' }, { role: 'agent', id: 'lg-00000009' })).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
  })
})
