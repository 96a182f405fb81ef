// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, it } from 'vitest'
import type { Destination, ServiceView } from '../../shared/domain/service.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { roomConnectionKey } from '../room/connection.ts'
import { createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from '../stores/agents.ts'
import { useDestinationsStore } from '../stores/destinations.ts'
import { useNoticesStore } from '../stores/notices.ts'
import { usePerformancesStore } from '../stores/performances.ts'
import { useServicesStore } from '../stores/services.ts'
import ServicesRoom from './ServicesRoom.vue'
import { samplePerformance, sampleService, serviceEvent } from './testServices.ts'

const LEAD = sampleAgent()
let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
})

interface Opening {
  readonly services?: readonly ServiceView[]
  readonly destinations?: readonly Destination[]
  readonly canAct?: boolean
}

async function open({ services = [], destinations = [], canAct = true }: Opening = {}) {
  const room = createTestRoom()
  room.answer('agent.list', () => ({ agents: [LEAD], seq: 5 }))
  room.answer('service.list', () => ({ services: [...services], seq: 5 }))
  room.answer('performance.list', () => ({ performances: [], seq: 5 }))
  room.answer('destination.list', () => ({ destinations: [...destinations], seq: 5 }))
  const pinia = createPinia()
  setActivePinia(pinia)
  wrapper = mount(ServicesRoom, {
    props: { agent: LEAD, now: 1_000, canAct, isConnected: true },
    global: { plugins: [pinia], provide: { [roomConnectionKey as symbol]: room.connection } },
  })
  const stores = { services: useServicesStore(), performances: usePerformancesStore(), destinations: useDestinationsStore(), notices: useNoticesStore() }
  await Promise.all([useAgentsStore().view.load(), stores.services.view.load(), stores.performances.view.load()])
  stores.destinations.isWatched = true
  await settle()
  return { room, ...stores }
}

const text = (): string => wrapper?.text().replace(/\s+/g, ' ') ?? ''
const see = (words: string): Promise<void> => expect.poll(text).toContain(words) as Promise<void>

describe('the services of an agent', () => {
  it('say that there are none yet', async () => {
    await open()
    await see('No service was called yet.')
  })

  it('show the very figures of the breaker as they change', async () => {
    const { services } = await open({ services: [sampleService()] })
    await see('Closed')
    const opened = sampleService({
      state: 'open',
      retryAt: 61_000,
      blocked: 66,
      reason: 'linkedin is failing: 5 calls in a row (429).',
      formatted: { blocked: '66 leads', saved: '$6.60 saved', viaFallback: '98% via fallback' },
    })
    services.view.receive([serviceEvent(6, 'service.opened', { service: opened })])
    for (const words of ['Open', 'A probe in 1 min', '5 calls in a row (429)', '66 leads', '$6.60 saved', '98% via fallback']) await see(words)
    services.view.receive([serviceEvent(7, 'service.recovered', { service: sampleService({ recoveries: 1 }) })])
    await see('Closed')
    expect(text()).not.toContain('66 leads')
  })

  it('show how fast the agent works', async () => {
    const { performances } = await open()
    performances.view.receive([serviceEvent(6, 'performance.changed', { performance: samplePerformance() })])
    await see('212 leads/hour')
    const figures = Object.fromEntries((wrapper?.findAll('[data-figure]') ?? []).map((one) => [one.attributes('data-figure'), one.text()]))
    expect(figures).toEqual({
      progress: '23 / 100 leads (23%)',
      success: '100% (23/23)',
      rate: '212 leads/hour',
      p50: 'P50: 1.4s',
      p95: 'P95: 2.1s',
      p99: 'P99: 2.6s',
      cacheHits: '34%',
      uptime: '100%',
      blockedInAll: '66 leads',
      savedInAll: '$6.60 saved',
      viaFallbackInAll: '98% via fallback',
    })
  })

  it('let an admin close a breaker, and say why it was not closed', async () => {
    const { room, notices } = await open({ services: [sampleService({ state: 'open', retryAt: 61_000 })] })
    await see('Close it')
    room.answer('service.reset', () => {
      throw new AppError('FORBIDDEN', 'Only an admin may close a breaker.')
    })
    await wrapper?.get('button').trigger('click')
    await settle()
    expect(room.asked('service.reset')).toEqual([{ agentId: LEAD.id, service: 'linkedin', endpoint: '' }])
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['Only an admin may close a breaker.'])
  })

  it('offer a viewer nothing to do', async () => {
    await open({ services: [sampleService({ state: 'open', retryAt: 61_000 })], canAct: false })
    await see('Open')
    expect(wrapper?.findAll('button')).toEqual([])
  })

  it('never show as safe what went around us', async () => {
    await open({ destinations: [{ agentId: LEAD.id, host: 'elsewhere.example:443', covered: 'none', calls: 2, firstAt: 0, lastAt: 0 }] })
    await see('Went around us')
    expect(wrapper?.html()).toContain('elsewhere.example:443')
    expect(wrapper?.find('.text-good').exists()).toBe(false)
  })
})
