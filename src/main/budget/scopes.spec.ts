import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SafetyMode } from '../../shared/domain/safetyRules.ts'
import { AGENT, CENT, DOLLAR, freshCallId, openTestDesk, type TestDesk } from './testDesk.ts'

let folder: string
let test: TestDesk
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iron-cage-scopes-'))
  test = await openTestDesk(folder)
  await test.launch(10 * DOLLAR)
})
afterEach(async () => {
  await test.close()
  await rm(folder, { recursive: true, force: true })
  expect(test.defects).toEqual([])
})

let opened = 0
function open(limit: number | null, within: string | null = null, safetyMode: SafetyMode | null = null): string {
  const id = `scope-${(++opened).toString(16).padStart(12, '0')}`
  return test.desk.openScope(AGENT, { id, name: `part ${opened}`, limit, safetyMode, within }).id
}
const status = (scope: string): object => test.desk.scopeStatus(AGENT, scope)

describe('a scope', () => {
  it('counts what its calls spend, and its outer scopes and the run with it', async () => {
    const outer = open(2 * DOLLAR)
    const inner = open(null, outer)
    const held = await test.hold(50 * CENT, { scope: inner })
    expect(status(inner)).toMatchObject({ limit: null, spent: 0, reserved: 50 * CENT, calls: 0 })
    await test.charge(held, 30 * CENT)
    expect(status(inner)).toMatchObject({ limit: null, spent: 30 * CENT, reserved: 0, calls: 1 })
    expect(status(outer)).toMatchObject({ limit: 2 * DOLLAR, spent: 30 * CENT, reserved: 0, calls: 1 })
    expect(test.desk.status(AGENT)).toMatchObject({ spent: 30 * CENT, calls: 1 })
  })

  it('refuses at once what does not fit, and says so to programs too; the run goes on', async () => {
    const scope = open(DOLLAR)
    await test.charge(await test.hold(80 * CENT, { scope }), 80 * CENT)
    expect(await test.ask(30 * CENT, { scope })).toEqual({
      outcome: 'refused',
      refusal: 'budget',
      message: expect.stringMatching(/^Of the \$1\.00 for "part \d+", \$0\.20 is left, and this call may cost up to \$0\.30\.$/),
      lack: { scope, limit: DOLLAR, spent: 80 * CENT, requested: 30 * CENT },
    })
    expect((await test.ask(30 * CENT)).outcome).toBe('admitted')
    expect(test.heard('budget.callParked')).toEqual([])
    expect(test.ended).toEqual([])
  })

  it('names the scope that has too little, whichever of the chain that is', async () => {
    const outer = open(20 * CENT)
    const inner = open(5 * DOLLAR, outer)
    expect(await test.ask(30 * CENT, { scope: inner })).toMatchObject({ outcome: 'refused', lack: { scope: outer, limit: 20 * CENT } })
  })

  it('looks closer before it refuses', async () => {
    const scope = open(DOLLAR)
    expect(await test.ask(3 * DOLLAR, { scope, closerWorstCase: async () => 90 * CENT })).toMatchObject({ outcome: 'admitted', reservation: { worstCase: 90 * CENT } })
  })

  it('waits for what others hold and may give back, and holds up nobody outside', async () => {
    const scope = open(DOLLAR)
    const first = await test.hold(80 * CENT, { scope })
    const second = test.ask(50 * CENT, { scope })
    expect((await test.ask(50 * CENT)).outcome).toBe('admitted')
    await test.charge(first, 10 * CENT)
    expect((await second).outcome).toBe('admitted')
    expect(status(scope)).toMatchObject({ spent: 10 * CENT, reserved: 50 * CENT })
  })

  it('lets no small call starve a large one', async () => {
    const scope = open(DOLLAR)
    const first = await test.hold(60 * CENT, { scope })
    const answers: string[] = []
    const large = test.ask(90 * CENT, { scope }).then(({ outcome }) => answers.push(`large ${outcome}`))
    const small = test.ask(10 * CENT, { scope }).then(({ outcome }) => answers.push(`small ${outcome}`))
    await test.charge(first, 0)
    await Promise.all([large, small])
    expect(answers).toEqual(['large admitted', 'small admitted'])
  })

  it('is parked like any other where the whole run has too little, and wants its own room afterwards', async () => {
    const scope = open(20 * DOLLAR)
    const parked = test.ask(12 * DOLLAR, { scope })
    await new Promise((resolve) => setImmediate(resolve))
    expect(test.desk.status(AGENT).parked).toHaveLength(1)
    await test.desk.raise(AGENT, 5 * DOLLAR, 'owner (admin)', 'It goes well.')
    expect((await parked).outcome).toBe('admitted')
    expect(status(scope)).toMatchObject({ reserved: 12 * DOLLAR })
  })

  it('counts a call once, however many tries it took, and none that came to nothing', async () => {
    const scope = open(DOLLAR)
    await test.charge(await test.hold(10 * CENT, { scope }), 0, { outcome: 'failed', attempts: [], cost: 0 })
    expect(status(scope)).toMatchObject({ calls: 0 })
  })
})

describe('a scope that is not open', () => {
  it('never lets a call through: unknown, closed, within a closed one, or of another run', async () => {
    const outer = open(DOLLAR)
    const inner = open(DOLLAR, outer)
    test.desk.closeScope(AGENT, outer)
    for (const scope of ['scope-ffffffffffff', '', outer, inner]) {
      expect(await test.ask(CENT, { scope })).toMatchObject({ outcome: 'no scope' })
      expect(test.desk.scopeOf(AGENT, scope)).toBeNull()
    }
    const other = open(DOLLAR)
    await test.change({ status: 'stopped', pid: null })
    expect(await test.ask(CENT, { scope: other })).toMatchObject({ outcome: 'no scope' })
  })

  it('ends with its run, at a restart too', async () => {
    const scope = open(DOLLAR)
    await test.change({ status: 'starting', pid: null })
    expect(await test.ask(CENT, { scope })).toMatchObject({ outcome: 'no scope' })
  })

  it('refuses who waits in it, and is charged for what is under way', async () => {
    const outer = open(2 * DOLLAR)
    const scope = open(DOLLAR, outer)
    const held = await test.hold(80 * CENT, { scope })
    const waiting = test.ask(50 * CENT, { scope })
    expect(test.desk.closeScope(AGENT, scope)).toMatchObject({ scopeId: scope, spent: 0, reserved: 80 * CENT })
    expect((await waiting).outcome).toBe('no scope')
    await test.charge(held, 70 * CENT)
    expect(status(outer)).toMatchObject({ spent: 70 * CENT, reserved: 0, calls: 1 })
  })

  it.each(['scopeStatus', 'closeScope'] as const)('has no %s', (ask) => {
    expect(() => test.desk[ask](AGENT, 'scope-ffffffffffff')).toThrow(/no open scope/)
  })

  it('holds no other', () => {
    expect(() => open(DOLLAR, 'scope-ffffffffffff')).toThrow(/no open scope/)
  })
})

it('is one of 1,000 at most', () => {
  for (let count = 0; count < 1_000; count++) open(null)
  expect(() => open(null)).toThrow(/1000 scopes of this run are open/)
})

it.each<[SafetyMode | null, SafetyMode | null, SafetyMode | null]>([
  [null, null, null],
  ['block', null, 'block'],
  ['block', 'warn', 'block'],
  ['warn', 'redact', 'redact'],
])('%s within which %s stands asks for %s', (outer, inner, wanted) => {
  expect(test.desk.scopeOf(AGENT, open(null, open(null, null, outer), inner))).toMatchObject({ safetyMode: wanted })
})

it('charges each try of a call to its scope', async () => {
  const scope = open(DOLLAR)
  const callId = freshCallId()
  const first = await test.hold(10 * CENT, { scope, callId })
  first.reservation.settle(null)
  const second = await test.hold(10 * CENT, { scope, callId, attempt: 2 })
  expect(status(scope)).toMatchObject({ spent: 0, reserved: 10 * CENT })
  second.reservation.settle(null)
  expect(status(scope)).toMatchObject({ spent: 0, reserved: 0 })
})
