import { describe, expect, it } from 'vitest'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { agentChanged, createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { findingId, recorded, sampleRecord } from '../safety/testSafety.ts'
import { useAgentsStore } from './agents.ts'
import { FINDINGS_A_PAGE, MOST_FINDINGS, useFindingsStore } from './findings.ts'
import { useNoticesStore } from './notices.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const OTHER = sampleAgent({ id: 'mt-9c0d11fe', createdAt: 1 })

const finding = (place: number, changes: Partial<SafetyRecord> = {}): SafetyRecord => sampleRecord({ id: findingId(place), agentId: LEAD.id, ...changes })
const placesOf = (records: readonly SafetyRecord[]): number[] => records.map(({ id }) => Number.parseInt(id.slice(5), 16))
const down = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, index) => from - index)

/** An audit whose records stand at the places from 1 up to `latest`. */
async function setUp({ latest = 250 } = {}) {
  const room = createTestRoom()
  const audit = { latest, seq: 50 }
  room.answer('agent.list', () => ({ agents: [LEAD, OTHER], seq: 50 }))
  room.answer('event.list', () => ({ events: [], latest: audit.seq, resynchronise: false }))
  room.answer('finding.list', ({ agentId = '', before = audit.latest + 1, limit = 100 }) => {
    const last = Math.max(0, before - 1 - limit)
    const records = Array.from({ length: before - 1 - last }, (_, index) => finding(before - 1 - index, { agentId }))
    return { records, next: last === 0 ? null : last + 1 }
  })
  const { use } = createTestApp(room)
  const agents = use(useAgentsStore)
  const findings = use(useFindingsStore)
  const notices = use(useNoticesStore)
  await Promise.all([findings.view.load(), agents.view.load()])
  await settle()
  return { room, agents, findings, notices, audit }
}

describe('the findings of an agent', () => {
  it('hold nobody up before they know their place, and begin at it', async () => {
    const room = createTestRoom()
    const findings = createTestApp(room).use(useFindingsStore)
    expect(findings.view.seq()).toBe(Number.POSITIVE_INFINITY)
    room.answer('event.list', () => ({ events: [], latest: 7, resynchronise: false }))
    await findings.view.load()
    expect(findings.view.seq()).toBe(7)
  })

  it('begin with the newest page, and put what follows in front, each once', async () => {
    const { findings } = await setUp()
    expect(findings.records).toHaveLength(FINDINGS_A_PAGE)
    findings.view.receive([recorded(51, finding(250), finding(251), finding(252)), recorded(52, finding(900, { agentId: OTHER.id })), recorded(53, finding(252), finding(253))])
    expect(placesOf(findings.records).slice(0, 5)).toEqual([253, 252, 251, 250, 249])
  })

  it('load older ones behind them, to the end', async () => {
    const { room, findings } = await setUp()
    await findings.loadOlder()
    await Promise.all([findings.loadOlder(), findings.loadOlder()])
    expect(placesOf(findings.records)).toEqual(down(250, 1))
    expect(findings.next).toBeNull()
    await findings.loadOlder()
    expect(room.asked('finding.list').map(({ before }) => before)).toEqual([undefined, 151, 51])
  })

  it('ask only for what was chosen, and take only that from events', async () => {
    const { room, findings } = await setUp()
    findings.choose({ kind: 'private', type: 'phone' })
    expect(findings.records).toEqual([])
    await settle()
    expect(room.asked('finding.list').at(-1)).toEqual({ agentId: LEAD.id, kind: 'private', type: 'phone', limit: FINDINGS_A_PAGE })
    findings.view.receive([recorded(51, finding(301), finding(302, { type: 'phone' }), finding(303, { kind: 'opened', type: 'phone' }))])
    expect(placesOf(findings.records)[0]).toBe(302)
    await findings.loadOlder()
    expect(room.asked('finding.list').at(-1)).toMatchObject({ kind: 'private', type: 'phone', before: 151 })
  })

  it('keep what comes while a page is on its way', async () => {
    const { room, findings } = await setUp()
    let finish: () => void = () => {}
    room.answer('finding.list', () => new Promise((resolve) => (finish = () => resolve({ records: [finding(301), finding(300)], next: null }))))
    findings.choose({ kind: 'private', type: null })
    findings.view.receive([recorded(51, finding(301), finding(302))])
    finish()
    await settle()
    expect(placesOf(findings.records)).toEqual([302, 301, 300])
  })

  it('do not take the late answer to another choice', async () => {
    const { room, agents, findings } = await setUp()
    const answers: (() => void)[] = []
    room.answer('finding.list', ({ agentId = '' }) => new Promise((resolve) => answers.push(() => resolve({ records: [finding(1, { agentId })], next: null }))))
    findings.choose({ kind: 'private', type: null })
    agents.select(OTHER.id)
    expect(findings.filter).toEqual({ kind: null, type: null })
    answers[1]?.()
    await settle()
    answers[0]?.()
    await settle()
    expect(findings.records.map(({ agentId }) => agentId)).toEqual([OTHER.id])
  })

  it('begin anew when an event was missed', async () => {
    const { findings, audit } = await setUp()
    await findings.loadOlder()
    audit.latest = 260
    findings.view.receive([recorded(60, finding(260))])
    await settle()
    expect(placesOf(findings.records)).toEqual(down(260, 161))
  })

  it('stay bounded under ten thousand', async () => {
    const { findings, audit } = await setUp()
    for (let place = 251; place <= 10_250; place += 50) {
      audit.latest = place + 49
      findings.view.receive([recorded(51 + (place - 251) / 50, ...down(place + 49, place).reverse().map((one) => finding(one)))])
      expect(findings.records.length).toBeLessThanOrEqual(MOST_FINDINGS + 50)
      if (place % 500 === 1) await settle()
    }
    await settle()
    expect(placesOf(findings.records)[0]).toBe(10_250)
    expect(new Set(placesOf(findings.records)).size).toBe(findings.records.length)
  })

  it('are full at a thousand', async () => {
    const { room, findings } = await setUp({ latest: 5_000 })
    for (let page = 0; page < 12; page++) await findings.loadOlder()
    expect(findings.records).toHaveLength(MOST_FINDINGS)
    expect(findings.isFull).toBe(true)
    expect(room.asked('finding.list')).toHaveLength(10)
  })

  it('say why there is no page, and try again with the next event', async () => {
    const { room, agents, findings, notices } = await setUp()
    room.answer('finding.list', () => {
      throw new AppError('UNAVAILABLE', 'The audit is busy.')
    })
    agents.select(OTHER.id)
    await settle()
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['The audit is busy.'])
    room.answer('finding.list', () => ({ records: [finding(1, { agentId: OTHER.id })], next: null }))
    findings.view.receive([agentChanged(51, LEAD)])
    await settle()
    expect(placesOf(findings.records)).toEqual([1])
  })

  it('hand an original over and keep nothing of it', async () => {
    const { room, findings } = await setUp()
    room.answer('finding.open', () => ({ original: 'ceo@acme.example' }))
    expect(await findings.openOriginal(findingId(3), 'A customer asked')).toBe('ceo@acme.example')
    expect(room.asked('finding.open')).toEqual([{ findingId: findingId(3), reason: 'A customer asked' }])
    expect(JSON.stringify(findings.$state)).not.toContain('ceo@acme.example')
  })

  it('let go of the one that was looked at when another agent is', async () => {
    const { agents, findings } = await setUp()
    findings.look(finding(3))
    agents.select(OTHER.id)
    expect(findings.opened).toBeNull()
  })
})
