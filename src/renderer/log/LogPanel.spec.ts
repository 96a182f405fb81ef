// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { lineOf, LOG_PAGE } from '../../shared/domain/eventFilter.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { sampleCall } from '../../shared/domain/testCalls.ts'
import { roomConnectionKey } from '../room/connection.ts'
import { createTestRoom, settle } from '../room/testRoom.ts'
import { sampleRecord } from '../safety/testSafety.ts'
import { useAgentsStore } from '../stores/agents.ts'
import { useEventLogStore } from '../stores/eventLog.ts'
import LogActions from './LogActions.vue'
import LogPanel from './LogPanel.vue'

const LEAD = sampleAgent()
const AT = new Date(2026, 10, 21, 14, 23, 45).getTime()
const RECORD = sampleRecord()
const EVENTS = [
  { name: 'log.written', severity: 'ERROR', message: 'The sheet could not be written.', payload: { fields: { sheet: 'leads' } } },
  { name: 'llm.callFinished', severity: 'INFO', message: 'gpt-4 answered.', payload: { call: sampleCall() } },
  { name: 'safety.recorded', severity: 'WARN', message: 'An e-mail address was redacted.', payload: { records: [RECORD] } },
].map((one, index) => ({ ...one, seq: index + 1, at: AT, agentId: LEAD.id }) as Event)

let open: VueWrapper[] = []
const copied = vi.hoisted((): string[] => [])
vi.mock('@/lib/copyText.ts', () => ({ copyText: async (text: string) => copied.push(text) > 0 }))

async function setUp(isLarge: boolean) {
  const room = createTestRoom()
  room.answer('agent.list', () => ({ agents: [LEAD], seq: 3 }))
  room.answer('event.list', ({ after = 0, limit = 500 }) => ({ events: EVENTS.filter(({ seq }) => seq > after).slice(0, limit), latest: 3, resynchronise: false }))
  room.answer('event.outline', () => ({ count: 3, pages: [1], until: 3, isWhole: true }))
  room.answer('event.lines', ({ limit = LOG_PAGE }) => ({ lines: EVENTS.slice(0, limit).map(lineOf) }))
  const pinia = createPinia()
  setActivePinia(pinia)
  const global = { plugins: [pinia], provide: { [roomConnectionKey as symbol]: room.connection } }
  const panel = mount(LogPanel, { attachTo: document.body, props: { isLarge, isConnected: true }, global })
  const actions = mount(LogActions, { attachTo: document.body, global })
  open = [panel, actions]
  await useAgentsStore().view.load()
  await useEventLogStore().view.load()
  const calm = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) {
      await settle()
      await panel.vm.$nextTick()
    }
  }
  await calm()
  const rowOf = (words: string) => panel.findAll('li').find((one) => one.text().includes(words))
  const press = async (words: string): Promise<void> => {
    await panel.findAll('button').find((one) => one.text() === words)?.trigger('click')
    await calm()
  }
  return { room, panel, actions, calm, rowOf, press, log: useEventLogStore() }
}

beforeEach(() => {
  copied.length = 0
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(240)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(24)
})
afterEach(() => {
  for (const wrapper of open) wrapper.unmount()
  open = []
  vi.restoreAllMocks()
})

describe('the log in a small panel', () => {
  it('has no room for a whole event: it opens in the large one', async () => {
    const { panel, log, rowOf, calm } = await setUp(false)
    expect(panel.find('[type="search"]').exists()).toBe(false)
    await rowOf('The sheet could not')!.find('button').trigger('click')
    await calm()
    expect([panel.emitted('enlarge')?.length, log.unfolded.map(({ seq }) => seq), panel.find('dl').exists()]).toEqual([1, [1], false])
    await panel.setProps({ isLarge: true })
    expect(panel.find('dl').text()).toContain('2026-11-21 14:23:45.000')
  })

  it('becomes large when somebody wants to search', async () => {
    const { panel } = await setUp(false)
    await panel.trigger('keydown', { key: '/' })
    expect(panel.emitted('enlarge')).toHaveLength(1)
  })
})

describe('the log in a large panel', () => {
  it('shows the whole of an event, and copies it', async () => {
    const { panel, rowOf, press, calm } = await setUp(true)
    await rowOf('The sheet could not')!.find('button').trigger('click')
    await calm()
    const facts = panel.findAll('dl > div').map((one) => one.text().replace(/\s+/g, ' '))
    expect(facts).toEqual(['When2026-11-21 14:23:45.000', 'Typelog.written', `Agent${LEAD.id}`, 'Number1'])
    expect(panel.find('pre').text()).toContain('"sheet": "leads"')
    await press('Copy')
    expect(copied.map((text) => JSON.parse(text) as unknown)).toEqual([EVENTS[0]])
  })

  it('leads to the request and to the finding', async () => {
    const { panel, rowOf, press, calm } = await setUp(true)
    await rowOf('gpt-4 answered')!.find('button').trigger('click')
    await calm()
    await press('Show request')
    await rowOf('was redacted')!.find('button').trigger('click')
    await calm()
    await press('Show finding')
    expect([panel.emitted('showCall'), panel.emitted('showFinding')]).toEqual([[[sampleCall().id]], [[RECORD]]])
  })

  it('has the keys go to the search', async () => {
    const { panel, calm } = await setUp(true)
    const search = panel.find<HTMLInputElement>('[type="search"]')
    await panel.trigger('keydown', { key: 'f', ctrlKey: true })
    await calm()
    expect(document.activeElement).toBe(search.element)
  })
})

it('what is held still says so, and how much is new, for eyes and ears alike', async () => {
  const { actions, log, calm } = await setUp(false)
  const button = () => actions.findAll('button').at(-1)!
  await button().trigger('click')
  log.view.receive([{ ...EVENTS[0]!, seq: 4 }, { ...EVENTS[0]!, seq: 5 }])
  await calm()
  expect([button().text(), button().attributes('aria-label')]).toEqual(['Paused · 2 new', 'Paused · 2 new: go on'])
  await button().trigger('click')
  expect([log.isStopped, log.shown]).toEqual([false, 5])
})
