import { sampleBudget } from '../src/renderer/cost/testBudgets.ts'
import { layer, sampleCounts, sampleRecord, sampleStatus } from '../src/renderer/safety/testSafety.ts'
import { samplePerformance, sampleService } from '../src/renderer/services/testServices.ts'
import type { Budget } from '../src/shared/domain/budget.ts'
import type { Event, EventName, EventPayload } from '../src/shared/domain/event.ts'
import { sampleAgent } from '../src/shared/domain/testAgents.ts'
import { sampleCall } from '../src/shared/domain/testCalls.ts'
import { expect, test } from './fixture.ts'
import type { RoomPage } from './pages/roomPage.ts'
import { playBack, type Answers, type RecordedRoom } from './recordedRoom.ts'

/** An invented run, written down at lead 23 of 100: the panels show its figures to the letter, whatever machine this is. */
const AT = Date.UTC(2026, 10, 21, 14, 23, 45)
const MINUTE = 60_000
const AGENT = sampleAgent({ createdAt: AT - 7 * MINUTE, startedAt: AT - 6 * MINUTE, uptime: { upMs: 9_980_000, downMs: 20_000, at: AT, counts: 'up' } })
const BUDGET = sampleBudget({ savedAgainstBaseline: 64_860_000_000 })
const OPEN = sampleService({
  state: 'open',
  since: AT,
  retryAt: AT + MINUTE,
  failuresInARow: 5,
  calls: 99,
  failures: 5,
  blocked: 66,
  saved: 6_600_000_000,
  served: { primary: 23, cached: 71, placeholder: 0, custom: 0, failed: 0 },
  reason: '5 calls in a row (429)',
  formatted: { blocked: '66 leads', saved: '$6.60 saved', viaFallback: '98% via fallback' },
})

let seq = 5
function event<N extends EventName>(name: N, payload: EventPayload<N>, message: string, severity: Event['severity'] = 'INFO'): Event {
  return { seq: ++seq, at: AT, severity, agentId: AGENT.id, name, payload, message } as Event
}

const LINES = [
  { seq: 3, at: AT - 2_000, severity: 'INFO', agentId: AGENT.id, name: 'agent.changed', message: 'lead_gen_agent.py is running with pid 4711.' },
  { seq: 4, at: AT - 1_000, severity: 'WARN', agentId: AGENT.id, name: 'service.opened', message: 'linkedin is failing: 5 calls in a row (429).' },
  { seq: 5, at: AT, severity: 'ERROR', agentId: AGENT.id, name: 'agent.raised', message: 'RuntimeError: the template digest.html is missing.' },
] as const

const RECORDED: Answers = {
  'room.identity': () => ({ caller: { role: 'admin', id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/invented' }),
  'agent.list': () => ({ agents: [AGENT], seq: 5 }),
  'event.list': () => ({ events: [], latest: 5, resynchronise: false }),
  'event.outline': () => ({ count: LINES.length, pages: [3], until: 5, isWhole: true }),
  'event.lines': () => ({ lines: [...LINES] }),
  'budget.list': () => ({ budgets: [BUDGET], seq: 5 }),
  'budget.raise': () => BUDGET,
  'call.list': () => ({ calls: [sampleCall({ startedAt: AT })], next: null, seq: 5 }),
  'cost.breakdown': () => ({ rows: [{ key: 'gpt-4', calls: 46, inputTokens: 120_000, outputTokens: 28_000, cachedTokens: 0, reasoningTokens: 0, cost: 5_290_000_000 }], total: 5_290_000_000 }),
  'cost.history': () => ({ points: [0, 1, 2, 3, 4].map((step) => ({ at: AT - (4 - step) * MINUTE, spent: (5_290_000_000 * step) / 4, calls: step * 11 })), seq: 5 }),
  'safety.list': () => ({
    agents: [sampleStatus({ counts: sampleCounts({ found: 3, redacted: 3, unauthorised: 1, injection: 2, byType: { email: 2, phone: 1 } }) })],
    room: layer(),
    isKept: true,
    seq: 5,
  }),
  'finding.list': () => ({ records: [sampleRecord({ at: AT })], next: null }),
  'service.list': () => ({ services: [sampleService()], seq: 5 }),
  'performance.list': () => ({ performances: [samplePerformance()], seq: 5 }),
  'performance.history': () => ({ points: [0, 1, 2].map((step) => ({ at: AT - (2 - step) * MINUTE, done: step * 11, perHour: 212, p50: 1_400, p95: 2_100, p99: 2_600 })), seq: 5 }),
  'destination.list': () => ({ destinations: [], seq: 5 }),
  'secret.list': () => ({ secrets: [], seq: 5 }),
  'keys.status': () => ({ state: 'open', source: 'environment', sentence: null, ways: { keychain: false, passphrase: false } }),
  'stage.status': () => ({ locked: false, lockedBy: null, lockedAt: null, canUnlock: true, needsPassword: true, opensWith: null }),
  'launch.recent': () => ({ scripts: [] }),
  'terminal.resize': () => ({}),
}

test.use({ timezoneId: 'UTC', viewport: { width: 1440, height: 900 } })
test.beforeEach(({ hostKind }) => test.skip(hostKind !== 'browser', 'Its wire is a WebSocket, in whose place something else can stand.'))

async function open(room: RoomPage): Promise<RecordedRoom> {
  await room.page.clock.install({ time: AT })
  const recorded = await playBack(room.page, RECORDED)
  await expect(room.agent.heading).toHaveText('lead_gen_agent.py')
  return recorded
}

test('a recorded run is shown to the letter, in every panel', async ({ room }) => {
  const recorded = await open(room)
  await expect(room.agent.region).toContainText('$5.29 / $50.00 · 10.6%')

  await expect(room.live.figure('status')).toHaveText('Running')
  await expect(room.live.figure('progress')).toHaveText('23 / 100 leads (23%)')
  await expect(room.live.figure('success')).toHaveText('100% (23/23)')
  await expect(room.live.figure('restarts')).toHaveText('0')
  await expect(room.live.figure('uptime')).toHaveText('99.8%')

  for (const words of ['$5.29', 'of $50.00', '10.6% used', '$0.23 avg/lead', 'Projection: $23.00 total', 'On course', 'vs Baseline: $64.86 saved']) {
    await expect(room.cost.region).toContainText(words)
  }

  await expect(room.protection.counter('PII blocked')).toHaveText(['3', '3 kept out'])
  await expect(room.protection.counter('Unauthorised actions').first()).toHaveText('1')
  await expect(room.protection.counter('Injection attempts').first()).toHaveText('2')

  await expect(room.performance.figure('rate')).toHaveText('212 leads/hour')
  await expect(room.performance.figure('p95')).toHaveText('P95: 2.1s')
  await expect(room.performance.figure('p50')).toHaveText('P50: 1.4s')
  await expect(room.performance.figure('cacheHits')).toHaveText('34%')
  await expect(room.performance.figure('uptime')).toHaveText('99.8%')
  await expect(room.performance.region).toContainText('66 leads')
  await expect(room.performance.region).toContainText('$6.60 saved')

  await expect(room.log.rows).toContainText(['[14:23:43] INFO lead_gen_agent.py is running with pid 4711.', '[14:23:44] WARN linkedin is failing', '[14:23:45] ERROR RuntimeError'])
  await expect(room.notifications.region).toContainText('Nothing has happened that needs you.')
  expect(recorded.unanswered).toEqual([])
})

test('each panel has the same to say when it is large, and more', async ({ room }) => {
  const recorded = await open(room)
  for (const panel of [room.live, room.cost, room.protection, room.performance, room.log, room.notifications]) {
    await panel.enlarge()
    if (panel.title === 'Live metrics') await expect(panel.figure('progress')).toHaveText('23 / 100 leads (23%)')
    if (panel.title === 'Cost') {
      await expect(room.cost.model(/^gpt-4/)).toContainText('$5.29')
      await expect(room.requests.rows).toHaveCount(1)
      await expect(room.cost.region).toContainText('Projection: $23.00 total')
    }
    if (panel.title === 'Protection') await expect(room.protection.rows.first()).toContainText('Contact [EMAIL_REDACTED] today')
    if (panel.title === 'Performance') await expect(panel.figure('p95')).toHaveText('P95: 2.1s')
    await panel.shrink()
  }
  expect(recorded.unanswered).toEqual([])
})

test('what happens then is told: a breaker with its breakdown, private data with its preview, a budget with its decision', async ({ room }) => {
  const recorded = await open(room)
  const toast = room.page.getByRole('region', { name: 'Notices' })
  recorded.push(event('service.opened', { service: OPEN }, 'linkedin is failing.', 'WARN'))
  await expect(toast).toContainText('the breaker of linkedin is open')
  for (const words of ['66 leads', '$6.60']) await expect(toast).toContainText(words)
  await expect(room.performance.service('linkedin').locator('[data-state]')).toHaveText('Open')

  recorded.push(event('safety.recorded', { records: [sampleRecord({ id: 'find-00000000000000ff', at: AT })] }, 'An email address was redacted.', 'WARN'))
  await expect(toast).toContainText('Contact [EMAIL_REDACTED] today')

  const warned: Budget = { ...BUDGET, spent: 45_500_000_000, isWarned: true }
  recorded.push(event('budget.changed', { budget: warned }, 'The budget has changed.'))
  await expect(room.cost.region).toContainText('91.0% used')
  await expect(room.cost.region).toContainText('Near the limit')
  await toast.getByRole('button', { name: 'Approve $25 increase' }).click()
  await expect.poll(() => recorded.asked.filter(({ name }) => name === 'budget.raise').map(({ input }) => input)).toMatchObject([{ agentId: AGENT.id, by: 25_000_000_000 }])
  await expect(room.notifications.region.getByRole('listitem')).toHaveCount(3)
})
