import { afterEach, describe, expect, it } from 'vitest'
import { OWNER } from '../access/owner.ts'
import { ALL_DONE, openDemoSeat, type DemoSeat, type SeatOptions } from './testDemo.ts'

let seat: DemoSeat
const open = async (options?: SeatOptions): Promise<DemoSeat> => (seat = await openDemoSeat(options))
afterEach(() => seat.close())

const triggersOf = async (): Promise<unknown[]> => (await seat.ask('demo.show')).triggers.map(({ id, state, firedAtLead }) => [id, state, firedAtLead])

// Each goes through a hundred leads, with a Python of its own.
describe('the demo', { timeout: 180_000 }, () => {
  it('tells its story through the rooms, with the figures of the ledger', async () => {
    await open()
    await seat.ask('demo.start', { speed: 'max' })
    await seat.holdAt(24)
    expect(await seat.formatted()).toMatchObject({ progress: '23 / 100 leads (23%)', success: '100% (23/23)', spent: '$5.29', limit: '$50.00', used: '10.6%', average: '$0.23 avg/lead', projection: 'Projection: $23.00 total' })
    await seat.finish()
    expect(await seat.formatted()).toMatchObject(ALL_DONE)
    expect(await triggersOf()).toEqual([
      ['rate-limit', 'fired', 34],
      ['rotation', 'fired', 50],
      ['private-data', 'fired', 67],
      ['budget', 'fired', 85],
    ])
    const results = seat.results()
    expect(results).toHaveLength(100)
    expect(results.filter((row) => row.join(',').includes('[SSN_REDACTED]')).map(([number]) => number)).toEqual(['67'])
    // Three findings in all that a hundred leads said, and none of the three anywhere that is kept or shown.
    const { records } = await seat.ask('finding.list', { agentId: seat.agentId })
    expect(records.flatMap(({ kind, type }) => (kind === 'private' ? [type] : [])).sort()).toEqual(['email', 'phone', 'ssn'])
    const { lines } = await seat.ask('terminal.tail', { agentId: seat.agentId, lines: 1_000 })
    expect(JSON.stringify([results, lines, seat.events])).not.toMatch(/robin\.specimen|555-0132|078-05-1120/)
    expect(seat.events.find(({ name }) => name === 'budget.warned')?.message).toContain('Approve $25 increase')
    expect((await seat.ask('demo.show')).run).toMatchObject({ phase: 'over', lead: 100 })
  })

  it('is held at the limit, and not a cent over, where nobody approves more', async () => {
    await open()
    await seat.ask('demo.start', { speed: 'max' })
    await seat.until('budget.callParked')
    const { agentId } = seat
    const { spent } = await seat.ask('budget.status', { agentId })
    expect(spent).toBeLessThanOrEqual(50_000_000_000)
    await seat.ask('budget.decline', { agentId, reason: 'enough for today' })
    await seat.settled()
    expect((await seat.ask('budget.status', { agentId })).spent).toBe(spent)
    expect((await seat.ask('demo.show')).run).toMatchObject({ phase: 'over' })
    expect(seat.results().length).toBeGreaterThan(85)
  })

  it('has its triggers elsewhere, or not at all, as its own file and the presenter say', async () => {
    await open({ demoFile: 'triggers:\n  rate-limit: { lead: 5 }\n  private-data: { lead: 9 }\n  rotation: { lead: 7, on: false }\n' })
    await seat.ask('demo.change', { trigger: 'budget', lead: 12 })
    await seat.ask('demo.start', { speed: 'max' })
    await seat.finish()
    expect(await triggersOf()).toEqual([
      ['rate-limit', 'fired', 5],
      ['rotation', 'waiting', null],
      ['private-data', 'fired', 9],
      ['budget', 'fired', 12],
    ])
    expect(await seat.formatted()).toMatchObject({ spent: '$55.83', blocked: '95 leads' })
  })

  it('has a trigger fired by hand come at once', async () => {
    await open()
    await seat.ask('demo.start', { speed: 'max' })
    await seat.holdAt(20)
    for (const trigger of ['rate-limit', 'private-data', 'rotation', 'budget'] as const) await seat.ask('demo.fire', { trigger })
    expect(await seat.refusal('demo.fire', { trigger: 'rotation' })).toBe('CONFLICT')
    await seat.finish()
    expect(await triggersOf()).toEqual([
      ['rate-limit', 'fired', 20],
      ['rotation', 'fired', 19],
      ['private-data', 'fired', 20],
      ['budget', 'fired', 20],
    ])
  })

  it('takes the key that the presenter gives it, and the former one no more', async () => {
    await open({ demoFile: 'rotate_after: 3600' })
    await seat.ask('demo.start', { speed: 100 })
    await seat.ask('demo.pace', { skipTo: 50 })
    const { triggers } = await seat.untilDemo((demo) => demo.triggers.some(({ state }) => state === 'due'))
    expect(triggers[1]).toMatchObject({ id: 'rotation', note: expect.stringContaining('OPENAI_API_KEY') as string })
    const { secrets } = await seat.ask('secret.list', { environment: 'staging' })
    const { agents } = await seat.ask('secret.update', { secretId: secrets[0]?.id ?? '', value: 'sk-invented-by-the-presenter' })
    expect(agents).toHaveLength(1)
    await seat.finish()
    expect(await seat.formatted()).toMatchObject(ALL_DONE)
    expect((await triggersOf())[1]).toEqual(['rotation', 'fired', 50])
  })

  it('leaves alone what is the user’s: agents, keys, history', async () => {
    await open()
    const own = { name: 'OPENAI_API_KEY', environment: 'staging', value: 'sk-invented-and-my-own' } as const
    const { id: ownSecret } = await seat.ask('secret.create', own)
    const script = seat.folder.write('agent.sh', '#!/bin/sh\nread _\n', 0o755)
    const { id: ownAgent } = await seat.ask('agent.start', { script })
    await seat.ask('demo.start', { speed: 'max' })
    expect((await seat.ask('agent.status', { agentId: seat.agentId })).plan.environment).toBe('development')
    await seat.holdAt(30)
    const { latest } = await seat.ask('event.list', { limit: 1 })
    await seat.ask('demo.reset')

    expect((await seat.ask('agent.list')).agents.map(({ id }) => id)).toEqual([ownAgent])
    expect((await seat.ask('secret.list')).secrets.map(({ id }) => id)).toEqual([ownSecret])
    expect(await seat.ask('secret.get', { secretId: ownSecret, reveal: true })).toMatchObject({ value: own.value })
    expect((await seat.ask('event.list', { limit: 1 })).latest).toBeGreaterThanOrEqual(latest)
    expect(await seat.ask('demo.show')).toMatchObject({ run: null, triggers: [{ state: 'waiting' }, { state: 'waiting' }, { state: 'waiting' }, { state: 'waiting' }] })
    expect(seat.results()).toEqual([])
    await seat.ask('agent.stop', { agentId: ownAgent })
  })

  it('runs without a secret store, and says what cannot come then', async () => {
    await open({ hasKey: false })
    await seat.ask('demo.start', { speed: 'max' })
    await seat.finish()
    expect(await seat.formatted()).toMatchObject(ALL_DONE)
    expect((await seat.ask('demo.show')).triggers[1]).toMatchObject({ id: 'rotation', state: 'missed', note: expect.stringContaining('without a key of its own') as string })
  })

  it('is started once, by somebody who may', async () => {
    await open()
    expect(await seat.refusal('demo.pace', { isPaused: true })).toBe('CONFLICT')
    await seat.ask('demo.start', { speed: 'max' })
    await seat.holdAt(3)
    expect(await seat.refusal('demo.start')).toBe('CONFLICT')
    expect(await seat.refusal('demo.goOn')).toBe('CONFLICT')
    const viewer = { role: 'viewer', id: 'audience' } as const
    for (const name of ['demo.show', 'demo.pace', 'demo.reset']) await expect(seat.room.router.request(name, {}, viewer)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(() => seat.room.router.open('demo.follow', {}, viewer, { push: () => undefined, end: () => undefined })).toThrow('needs the role admin')
    await expect(seat.room.router.request('demo.turn', { agentId: seat.agentId, lead: 5 }, { role: 'agent', id: 'xx-00000000' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(seat.room.router.request('demo.turn', { agentId: 'xx-00000000', lead: 5 }, OWNER)).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('runs a second time as it did the first', async () => {
    await open()
    for (let run = 0; run < 2; run++) {
      seat.forget()
      await seat.ask('demo.start', { speed: 'max' })
      await seat.until('budget.warned')
      await seat.ask('budget.raise', { agentId: seat.agentId, by: 25_000_000_000, reason: 'the rest of the list' })
      await seat.settled()
      expect(await seat.formatted()).toMatchObject(ALL_DONE)
    }
  })
})
