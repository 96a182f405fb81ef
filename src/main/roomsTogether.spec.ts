import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Call } from '../shared/domain/llm.ts'
import type { Event } from '../shared/domain/event.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import type { Clock } from './ports.ts'
import { findPostgres, startPostgres, type TestPostgres } from './state/postgres/testPostgres.ts'
import { hasRedis, REDIS_PASSWORD, startRedis, type TestRedis } from './state/redis/testRedis.ts'
import { systemClock, systemRandom } from './systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const KEY = '0123456789abcdef'.repeat(4)
const programs = findPostgres()
const isHere = programs !== null && hasRedis()

/** Fifty calls at once, then it stays; what it was answered it prints. */
const AGENT = `
  import { writeFileSync } from 'node:fs'
  writeFileSync('environment', String(process.env.REDIS_URL))
  const call = () => fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: JSON.stringify({ model: 'gpt-4', max_tokens: 8, messages: [{ role: 'user', content: 'Hello' }] }),
  }).then(async (answer) => (await answer.text(), answer.status))
  await Promise.all(Array.from({ length: 50 }, call))
  setInterval(() => {}, 1000)`
/** Calls until it is answered. */
const AGAIN = `
  const call = () => fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: JSON.stringify({ model: 'gpt-4', max_tokens: 8, messages: [{ role: 'user', content: 'Hello' }] }),
  }).then(async (answer) => (await answer.text(), answer.status))
  while ((await call()) !== 200) await new Promise((resolve) => setTimeout(resolve, 300))
  setInterval(() => {}, 1000)`
const IDLE = 'setInterval(() => {}, 1000)'

describe.skipIf(!isHere)(`two control rooms on one PostgreSQL and one Redis${isHere ? '' : ' (not installed here: PostgreSQL 15 or newer, or redis-server)'}`, () => {
  let postgres: TestPostgres
  let redis: TestRedis
  let folder: TestFolder
  let url: string
  let rooms: ControlRoom[]
  let stopsAsked: unknown[]
  let followed: ReturnType<typeof follow>[]
  beforeAll(async () => {
    postgres = await startPostgres(programs ?? '')
    redis = await startRedis()
  })
  afterAll(async () => {
    await postgres.stop()
    await redis.stop()
  })
  beforeEach(async () => {
    folder = createTestFolder()
    url = await postgres.lend()
    rooms = []
    stopsAsked = []
    followed = []
  })
  afterEach(async () => {
    for (const room of rooms) await room.stop()
    await postgres.takeBack()
    folder.remove()
  })

  async function open(name: string, environment: Record<string, string> = {}, clock = systemClock): Promise<ControlRoom> {
    const room = await composeControlRoom({
      clock,
      random: systemRandom,
      dataFolder: join(folder.path, name),
      host: 'browser',
      version: '1.2.3',
      environment: { PATH: process.env.PATH, HOME: folder.path, DATABASE_URL: url, REDIS_URL: redis.url, IRON_SECRETS_MASTER_KEY: KEY, ...environment },
      onStopRequested: (problem) => void stopsAsked.push(problem),
    })
    rooms.push(room)
    followed.push(follow(room))
    return room
  }
  const ask = async <R = Record<string, unknown>>(room: ControlRoom, name: string, input: unknown = {}): Promise<R> => (await room.router.request(name, input, OWNER)) as R

  /** A clock whose looks at the other rooms are taken by hand. */
  function handDriven(): Clock & { look(): Promise<void> } {
    let next = Promise.withResolvers<() => void>()
    return {
      ...systemClock,
      after(ms, action) {
        if (ms !== 10_000) return systemClock.after(ms, action)
        next.resolve(action)
        return { cancel: () => undefined }
      },
      async look() {
        const action = await next.promise
        next = Promise.withResolvers()
        action()
        // It asks for the following one when it is done.
        await next.promise
      },
    }
  }

  /** A viewer of that room. */
  function follow(room: ControlRoom): { events: Event[]; until(isEnough: (events: Event[]) => boolean): Promise<void> } {
    const events: Event[] = []
    let onCome = (): void => {}
    room.router.open('event.follow', {}, OWNER, {
      push(item) {
        events.push(...((item as { events?: Event[] }).events ?? []))
        onCome()
      },
      end: () => undefined,
    })
    return {
      events,
      async until(isEnough) {
        while (!isEnough(events)) await new Promise<void>((resolve) => (onCome = resolve))
      },
    }
  }
  const start = (room: ControlRoom, name: string, text: string): Promise<{ id: string }> =>
    ask(room, 'agent.start', { script: folder.write(`${name}.mjs`, text), budget: '$1', provider: 'simulated' })
  const finished = (events: Event[]): number => events.filter(({ name }) => name === 'llm.callFinished').length

  it('are opened for the first time at the same moment, and seal with one key', async () => {
    const both = await Promise.all([open('one', { IRON_CAGE_SHARED_BUDGET: '$1' }), open('other', { IRON_CAGE_SHARED_BUDGET: '$1' })])
    await ask(both[0], 'secret.create', { name: 'PARTNER_KEY', environment: 'development', value: 'invented-by-one' })
    const { secrets } = await ask<{ secrets: { id: string }[] }>(both[1], 'secret.list', { environment: 'development' })
    expect(await ask(both[1], 'secret.get', { secretId: secrets[0]?.id, reveal: true })).toMatchObject({ value: 'invented-by-one' })
  })

  it('spend of one shared budget with a hundred calls at once through both gateways, and are never over', async () => {
    const limit = 0.02
    const [one, other] = [await open('one', { IRON_CAGE_SHARED_BUDGET: `$${limit}` }), await open('other', { IRON_CAGE_SHARED_BUDGET: `$${limit}` })]
    await Promise.all([start(one, 'first', AGENT), start(other, 'second', AGENT)])
    await Promise.all(followed.map((viewer) => viewer.until((events) => finished(events) === 100)))
    const calls = followed[0]?.events.flatMap((event) => (event.name === 'llm.callFinished' ? [event.payload.call] : [])) ?? []
    const spent = calls.reduce((sum, { cost }) => sum + cost, 0)
    // What is left is less than one more call may cost.
    expect(spent).toBeLessThanOrEqual(limit * 1e9)
    expect(spent).toBeGreaterThan(limit * 1e9 - 1_000_000)
    expect(calls.find(({ outcome }) => outcome !== 'answered')?.problem).toMatch(/^Of the \$0\.02 that all agents share/)
    expect(await postgres.rows(url, `SELECT sum(amount)::bigint AS spent FROM ledger WHERE kind = 'settle'`)).toEqual([{ spent }])
    // Each viewer has each event once, in its place.
    for (const { events } of followed) {
      const seqs = events.map(({ seq }) => seq)
      expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => (seqs[0] ?? 0) + index))
    }
    // Neither agents nor files know how to get at the count.
    expect(readFileSync(join(folder.path, 'environment'), 'utf8')).toBe('undefined')
    for (const room of [one, other]) await room.stop()
    const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).map((name) => join(folder.path, name))
    const bytes = Buffer.concat(files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)))
    expect(bytes.includes(REDIS_PASSWORD)).toBe(false)
  })

  it('show the agents, budgets and events of both at each, and do at either what is asked of an agent, also after the server has cut its connections', async () => {
    const [one, other] = [await open('one'), await open('other')]
    const { id } = await start(one, 'idle', IDLE)
    const [, viewer] = followed
    await viewer?.until((events) => events.some((event) => event.name === 'agent.changed' && event.payload.agent.id === id && event.payload.agent.status === 'running'))
    expect(await ask(other, 'agent.list')).toMatchObject({ agents: [{ id, status: 'running' }] })
    await postgres.cut(url)
    expect(await ask(other, 'budget.raise', { agentId: id, by: 500_000_000, reason: 'invented' })).toMatchObject({ limit: 1_500_000_000 })
    for (const room of [one, other]) expect(await ask(room, 'budget.list')).toMatchObject({ budgets: [{ agentId: id, limit: 1_500_000_000 }] })
    await expect(ask(other, 'budget.raise', { agentId: id, by: 1_000_000 * 1e9, reason: 'invented' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await ask(other, 'agent.stop', { agentId: id })).toMatchObject({ id, status: 'stopped' })
    expect(await ask(one, 'agent.status', { agentId: id })).toMatchObject({ status: 'stopped' })
    await expect(ask(other, 'agent.stop', { agentId: 'no-00000000' })).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
    await one.stop()
    expect(await ask(other, 'agent.list')).toMatchObject({ agents: [{ id, status: 'stopped' }] })
    await expect(ask(other, 'agent.restart', { agentId: id })).rejects.toThrow(/^This belongs to the control room .*-[0-9a-f]{8}, which is not there/)
  })

  it('leave the agents of the other alone, also where one starts again', async () => {
    const one = await open('one')
    const { id } = await start(one, 'idle', IDLE)
    const other = await open('other')
    await other.stop()
    const again = await open('other')
    for (const room of [one, again]) expect(await ask(room, 'agent.status', { agentId: id })).toMatchObject({ status: 'running' })
  })

  it('heed at both what was said for all at one', async () => {
    const [one, other] = [await open('one'), await open('other')]
    const [, viewer] = followed
    await ask(one, 'safety.setRules', { rules: { mode: 'block' } })
    await ask(one, 'stage.lock', { password: 'invented-password' })
    await viewer?.until((events) => events.some(({ name }) => name === 'stage.changed'))
    expect(await ask(other, 'safety.list')).toMatchObject({ room: { mode: 'block' } })
    await expect(ask(other, 'secret.create', { name: 'INVENTED', environment: 'development', value: 'invented-value-0123' })).rejects.toMatchObject({ code: 'LOCKED' })
  })

  it('give a secret that has another value at one to the agents of the other', async () => {
    const [one, other] = [await open('one'), await open('other')]
    const { id: secretId } = await ask<{ id: string }>(one, 'secret.create', { name: 'INVENTED_KEY', environment: 'development', value: 'invented-value-0123' })
    const { id } = await start(other, 'idle', IDLE)
    expect(await ask(one, 'secret.update', { secretId, value: 'invented-value-4567' })).toMatchObject({ version: 2 })
    const rotated = (events: Event[]): Event | undefined => events.find(({ name }) => name === 'secret.rotated')
    await followed[0]?.until((events) => rotated(events) !== undefined)
    expect(rotated(followed[0]?.events ?? [])).toMatchObject({ payload: { secretId, version: 2, agents: [{ agentId: id }] } })
  })

  it('settle what one that died has left behind; where it lives after all, it stops', async () => {
    const [clockOfOne, clock] = [handDriven(), handDriven()]
    const one = await open('one', {}, clockOfOne)
    const { id } = await start(one, 'idle', IDLE)
    const [instance] = await postgres.rows<{ id: string }>(url, 'SELECT id FROM instances')
    const other = await open('other', {}, clock)
    await postgres.change(
      url,
      `INSERT INTO ledger (agent_id, entry, kind, at, amount, call_id, attempt, model, instance) VALUES ('${id}', 2, 'reserve', 1, 70, 'call-0000000000000001', 1, 'gpt-4', '${instance?.id}');
       UPDATE instances SET ends_at = 1 WHERE id = '${instance?.id}'`,
    )
    // It looked once when it was opened; only who was there for a while takes others for dead.
    await clock.look()
    expect(await ask(other, 'agent.list')).toMatchObject({ agents: [{ id, status: 'running' }] })
    await clock.look()
    expect(await ask(other, 'agent.list')).toMatchObject({ agents: [{ id, status: 'crashed', reason: `The control room ${instance?.id} ended without stopping it.` }] })
    expect(await ask(other, 'call.list', { agentId: id })).toMatchObject({ calls: [{ id: 'call-0000000000000001', outcome: 'lost', cost: 70 }] })
    expect(stopsAsked).toEqual([])
    await clockOfOne.look()
    expect(stopsAsked).toMatchObject([{ code: 'UNAVAILABLE', message: expect.stringContaining('others have settled its agents') as string }])
  })

  it('are told from each other, also where a data folder was copied', async () => {
    await open('one')
    mkdirSync(join(folder.path, 'copy'))
    copyFileSync(join(folder.path, 'one', 'room-name'), join(folder.path, 'copy', 'room-name'))
    await expect(open('copy')).rejects.toThrow(/ is called .* too: its data folder was copied\. Delete the file room-name in the copy\.$/)
  })

  it('refuse calls while Redis is away, show events a little later all the same, and go on once it is back', async () => {
    const budget = { IRON_CAGE_SHARED_BUDGET: '$1' }
    const [one] = [await open('one', budget), await open('other', budget)]
    const [, viewer] = followed
    await redis.kill()
    const { id } = await start(one, 'again', AGAIN)
    const calls = (events: Event[]): Call[] => events.flatMap((event) => (event.name === 'llm.callFinished' && event.agentId === id ? [event.payload.call] : []))
    await viewer?.until((events) => calls(events).length > 0)
    expect(viewer && calls(viewer.events)[0]).toMatchObject({ outcome: 'refused', refusal: 'budget', problem: 'The control room cannot keep account of calls at the moment: nothing was forwarded.' })
    await redis.start()
    await viewer?.until((events) => calls(events).some(({ outcome }) => outcome === 'answered'))
  })
})
