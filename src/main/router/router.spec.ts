import { describe, expect, it } from 'vitest'
import { commands, streams, type CommandName, type StreamName } from '../../shared/contract/contract.ts'
import type { Caller, LeastRole, Role } from '../../shared/domain/roles.ts'
import { AppError, type ErrorBody } from '../../shared/errors.ts'
import type { Sink } from './router.ts'
import { createTestRouter } from './testRouter.ts'

const ADMIN: Caller = { role: 'admin', id: 'owner' }
const VIEWER: Caller = { role: 'viewer', id: 'guest' }
const AGENT: Caller = { role: 'agent', id: 'lg-7a3f9c2d' }
const NAMES_OF_OBJECTS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']

const nowhere: Sink<unknown> = { push: () => {}, end: () => {} }
const failed = async (action: () => unknown): Promise<ErrorBody> => {
  try {
    await action()
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
    return (error as AppError).toBody()
  }
  throw new Error('it went through')
}

describe('a request', () => {
  it('reaches its handler with defaults filled in and with who asks', async () => {
    const seen: unknown[] = []
    const { router } = createTestRouter({
      'event.list': (input, caller) => {
        seen.push(input, caller)
        return { events: [], latest: 7, resynchronise: false }
      },
    })
    expect(await router.request('event.list', { after: 3 }, VIEWER)).toEqual({ events: [], latest: 7, resynchronise: false })
    expect(seen).toEqual([{ after: 3, limit: 500 }, VIEWER])
  })

  it.each(['', 'agent.lst', 'event.follow', ...NAMES_OF_OBJECTS])('for %j finds nothing', async (name) => {
    const { router, defects } = createTestRouter()
    expect((await failed(() => router.request(name, {}, ADMIN))).code).toBe('NOT_FOUND')
    expect(defects).toEqual([])
  })

  it('names what is not there without repeating a whole book', async () => {
    const { router } = createTestRouter()
    expect((await failed(() => router.request('x'.repeat(10_000), {}, ADMIN))).message.length).toBeLessThan(120)
  })

  it('with an undeclared key is refused, and the handler never hears of it', async () => {
    const { router, defects } = createTestRouter({ 'agent.list': () => expect.unreachable() })
    for (const input of [{ role: 'admin' }, JSON.parse('{"__proto__":{}}'), { constructor: 1 }]) {
      expect((await failed(() => router.request('agent.list', input, VIEWER))).code).toBe('INVALID_INPUT')
    }
    expect(defects).toEqual([])
  })

  it.each([undefined, null, [], 'text', 7, true])('with %j instead of an object is refused', async (input) => {
    const { router } = createTestRouter({ 'agent.list': () => expect.unreachable() })
    expect((await failed(() => router.request('agent.list', input, ADMIN))).code).toBe('INVALID_INPUT')
  })

  it('that is refused says which key was wrong', async () => {
    const { router } = createTestRouter()
    const error = await failed(() => router.request('event.list', { limit: 0, after: 'x' }, VIEWER))
    expect(error.message).toMatch(/^"event\.list" was not understood: .*after: .*limit: /)
    expect(error.details).toEqual({
      issues: [
        { path: ['after'], message: expect.any(String) },
        { path: ['limit'], message: expect.any(String) },
      ],
    })
  })

  it('that is refused is not sent back at its length, however much of it was wrong', async () => {
    const { router } = createTestRouter()
    const surplus = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, index]))
    const severities = Array.from({ length: 4 }, () => 'x'.repeat(5_000))
    const names = Array.from({ length: 100 }, () => 7)
    for (const input of [surplus, { ['k'.repeat(100_000)]: 1 }, { severities, names, ...surplus }]) {
      const error = await failed(() => router.request('event.lines', input, VIEWER))
      expect(error.code).toBe('INVALID_INPUT')
      expect(JSON.stringify(error).length).toBeLessThan(10_000)
    }
  })

  it('loses on the way out whatever the contract does not declare', async () => {
    const row = { savedAt: 5, document: { kept: true }, secret: 'sk-invented', runToken: 'invented' }
    const { router } = createTestRouter({ 'checkpoint.load': () => row })
    expect(await router.request('checkpoint.load', { agentId: AGENT.id }, AGENT)).toEqual({ savedAt: 5, document: { kept: true } })
  })

  it('passes a handler\'s AppError on as it is', async () => {
    const { router, defects } = createTestRouter({
      'agent.list': () => {
        throw new AppError('CONFLICT', 'Two of them.', { ids: [1, 2] })
      },
    })
    expect(await failed(() => router.request('agent.list', {}, VIEWER))).toEqual({
      code: 'CONFLICT',
      message: 'Two of them.',
      details: { ids: [1, 2] },
    })
    expect(defects).toEqual([])
  })

  it.each([
    ['throws', () => { throw new TypeError('secret detail of row 7') }],
    ['rejects', () => Promise.reject(new Error('secret detail of row 7'))],
    ['throws no error at all', () => { throw 'secret detail of row 7' }],
    ['answers what the contract does not know', () => ({ agents: 'secret detail of row 7', seq: 1 }) as never],
  ])('whose handler %s gives an incident id and nothing else', async (_what, handler) => {
    const { router, defects } = createTestRouter({ 'agent.list': handler })
    expect(await failed(() => router.request('agent.list', {}, VIEWER))).toEqual({
      code: 'INTERNAL',
      message: 'Something went wrong inside the control room. The log has it as incident incident-1.',
      details: { incident: 'incident-1' },
    })
    expect(defects).toHaveLength(1)
  })
})

const COVERED: Record<Role, readonly LeastRole[]> = { admin: ['admin', 'viewer', 'agent', 'anyone'], viewer: ['viewer', 'anyone'], agent: ['agent', 'anyone'] }
const callers = [ADMIN, VIEWER, AGENT]

describe('the right', () => {
  it.each(Object.keys(commands) as CommandName[])('to ask for %s is checked before the input is', async (name) => {
    const { router } = createTestRouter()
    for (const caller of callers) {
      const { code } = await failed(() => router.request(name, 'no input at all', caller))
      expect([caller.role, code]).toEqual([caller.role, COVERED[caller.role].includes(commands[name].least) ? 'INVALID_INPUT' : 'FORBIDDEN'])
    }
  })

  it.each(Object.keys(streams) as StreamName[])('to follow %s is checked before the input is', async (name) => {
    const { router } = createTestRouter()
    for (const caller of callers) {
      const { code } = await failed(() => router.open(name, 'no input at all', caller, nowhere))
      expect([caller.role, code]).toEqual([caller.role, COVERED[caller.role].includes(streams[name].least) ? 'INVALID_INPUT' : 'FORBIDDEN'])
    }
  })
})

describe('a stream', () => {
  it('hands its items to the sink as the very same objects', () => {
    const items: unknown[] = []
    const batch = { kind: 'events' as const, events: [] }
    const { router } = createTestRouter({}, {
      'event.follow': (_input, _caller, sink) => {
        sink.push(batch)
        return { close: () => {} }
      },
    })
    router.open('event.follow', {}, VIEWER, { push: (item) => items.push(item), end: () => {} })
    expect(items[0]).toBe(batch)
  })

  it.each(['', 'agent.list', ...NAMES_OF_OBJECTS])('%j is none', async (name) => {
    const { router } = createTestRouter()
    expect((await failed(() => router.open(name, {}, ADMIN, nowhere))).code).toBe('NOT_FOUND')
  })

  it('whose handler throws gives an incident id', async () => {
    const { router, defects } = createTestRouter({}, { 'event.follow': () => { throw new TypeError('inside') } })
    expect(await failed(() => router.open('event.follow', {}, VIEWER, nowhere))).toMatchObject({ code: 'INTERNAL', details: { incident: 'incident-1' } })
    expect(defects).toEqual([new TypeError('inside')])
  })

  it('that fails while it is let go of hurts nobody, and is written down', () => {
    const fail = (): never => { throw new TypeError('inside') }
    const { router, defects } = createTestRouter({}, { 'event.follow': () => ({ close: fail, acknowledge: fail }) })
    const subscription = router.open('event.follow', {}, VIEWER, nowhere)
    subscription.acknowledge?.(1)
    subscription.close()
    expect(defects).toHaveLength(2)
  })
})
