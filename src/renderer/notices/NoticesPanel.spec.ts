// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { roomConnectionKey } from '../room/connection.ts'
import { createTestRoom, settle } from '../room/testRoom.ts'
import { sampleStage } from '../secrets/testSecrets.ts'
import { useAgentsStore } from '../stores/agents.ts'
import { useUndoStore } from '../stores/undo.ts'
import { useNoticesStore } from '../stores/notices.ts'
import type { News } from './notice.ts'
import NoticesPanel from './NoticesPanel.vue'
import { systemPortKey, type SystemPort } from './systemPort.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const MAIL = sampleAgent({ id: 'mt-9c0d11fe', plan: samplePlan({ name: 'mail_triage.mjs' }), createdAt: 1 })

let wrapper: VueWrapper | null = null
beforeEach(() => localStorage.clear())
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
})

function news(changes: Partial<News> = {}): News {
  return { about: 'a', kind: 'safety', weight: 'passing', tone: 'caution', agentId: LEAD.id, title: 'One was taken out', sentence: 'Email.', preview: 'Contact [EMAIL_REDACTED]', at: 1_000, ...changes }
}

async function open(isLarge: boolean, given: News[]) {
  const room = createTestRoom()
  room.answer('room.identity', () => ({ caller: { role: 'admin', id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  room.answer('agent.list', () => ({ agents: [LEAD, MAIL], seq: 5 }))
  room.answer('finding.list', () => ({ records: [], next: null }))
  room.answer('stage.status', () => sampleStage())
  let permission: NotificationPermission = 'default'
  const port: SystemPort = {
    isThere: true,
    permission: () => permission,
    ask: async () => (permission = 'granted'),
    isLookedAt: () => true,
    show: () => {},
    withdraw: () => {},
    comeForward: () => {},
  }
  const pinia = createPinia()
  setActivePinia(pinia)
  const shown = mount(NoticesPanel, { attachTo: document.body, props: { isLarge }, global: { plugins: [pinia], provide: { [roomConnectionKey as symbol]: room.connection, [systemPortKey as symbol]: port } } })
  wrapper = shown
  const notices = useNoticesStore()
  await useAgentsStore().view.load()
  for (const one of given) notices.tell(one)
  await settle()
  await shown.vm.$nextTick()
  const titles = (): (string | undefined)[] => shown.findAll('[data-notice] p:first-child').map((one) => one.text().replace(/^Unread: /, ''))
  const press = async (name: string): Promise<void> => {
    await shown.findAll('button').find((one) => one.text().startsWith(name))?.trigger('click')
    await settle()
    await shown.vm.$nextTick()
  }
  return { shown, notices, titles, press }
}

const SERVICE = news({ about: 'b', kind: 'service', agentId: MAIL.id, title: 'The breaker is open', preview: null, facts: [{ word: 'Calls', value: '33' }], lead: { word: 'Show the service', panel: 'performance', record: null } })

describe('the panel of notifications', () => {
  it('says so when there is nothing', async () => {
    const { shown } = await open(false, [])
    expect(shown.text()).toBe('Nothing has happened that needs you.')
  })

  it('has the newest first in little room, what was found and the figures in one line each', async () => {
    const { shown, titles } = await open(false, [news(), SERVICE])
    expect(titles()).toEqual(['The breaker is open', 'One was taken out'])
    expect(shown.find('mark').text()).toBe('[EMAIL_REDACTED]')
    expect(shown.find('[data-notice="service"]').text()).toContain('Calls 33')
    expect(shown.findAll('[data-notice="service"] button').map((one) => one.text())).toEqual(['The breaker is open'])
  })

  it('groups by agent where it has the room of all, with counts', async () => {
    const { shown } = await open(true, [news(), news({ about: 'c' }), SERVICE])
    expect(shown.findAll('h3').map((one) => one.text().replace(/\s+/g, ' '))).toEqual(['mail_triage.mjs mt-9c0d11fe1 notification, 1 unread', 'lead_gen_agent.py lg-7a3f9c2d2 notifications, 2 unread'])
    expect(shown.findAll('[aria-label="Kinds of notifications"] button').map((one) => one.text())).toEqual(['All 3', 'Protection 2', 'Services 1', 'Unread 3'])
  })

  it('filters by kind, by agent and by what is unread, and clears what the filter lets through', async () => {
    const { shown, notices, titles, press } = await open(true, [news(), SERVICE])
    await press('Protection')
    expect(titles()).toEqual(['One was taken out'])
    await press('Show all')
    await shown.get('select[aria-label="Agent"]').setValue(MAIL.id)
    expect(titles()).toEqual(['The breaker is open'])
    await press('Clear')
    expect(notices.notices.map(({ about }) => about)).toEqual(['a'])
    expect(useUndoStore().offered?.sentence).toBe('1 notification cleared.')
    await press('Show all')
    await press('Mark all read')
    await press('Unread')
    expect(shown.text()).toContain('Nothing of this kind.')
  })

  it('asks for notifications on the desktop by its button, and turns them off', async () => {
    const { shown, press } = await open(true, [])
    expect(shown.get('footer').text()).toContain('can be shown as a notification on the desktop')
    await press('Show on the desktop')
    expect(shown.get('footer').text()).toContain('is shown as a notification on the desktop')
    await press('Turn off')
    expect(shown.findAll('footer button').map((one) => one.text())).toEqual(['Show on the desktop'])
  })
})
