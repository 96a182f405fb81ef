import { defineStore } from 'pinia'
import { markRaw, shallowRef } from 'vue'
import type { Event } from '../../shared/domain/event.ts'
import type { ServiceView } from '../../shared/domain/service.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { serviceKey } from '@/services/serviceLook.ts'
import { useNoticesStore } from './notices.ts'
import { createProjection } from './projection.ts'

export type Services = ReadonlyMap<string, ServiceView>

function applyServiceEvent(services: Services, event: Event): Services {
  switch (event.name) {
    case 'service.changed':
    case 'service.opened':
    case 'service.probing':
    case 'service.recovered':
      return new Map(services).set(serviceKey(event.payload.service), event.payload.service)
    case 'agent.removed':
      return new Map([...services].filter(([, { agentId }]) => agentId === null || agentId !== event.agentId))
    default:
      return services
  }
}

/** The services that agents call, and how it stands with their breakers. */
export const useServicesStore = defineStore('services', () => {
  const { client } = useRoomConnection()
  const notices = useNoticesStore()

  const view = createProjection<Services>({
    empty: new Map(),
    fetch: async () => {
      const { services, seq } = await client.request('service.list', {})
      return { seq, state: new Map(services.map((service) => [serviceKey(service), service])) }
    },
    apply: applyServiceEvent,
  })
  const resetting = shallowRef<ReadonlySet<string>>(new Set())

  async function reset(service: ServiceView): Promise<void> {
    const key = serviceKey(service)
    if (resetting.value.has(key)) return
    resetting.value = new Set(resetting.value).add(key)
    try {
      await client.request('service.reset', { agentId: service.agentId, service: service.service, endpoint: service.endpoint })
    } catch (problem) {
      notices.fail(problem)
    } finally {
      resetting.value = new Set([...resetting.value].filter((other) => other !== key))
    }
  }

  return { view: markRaw<FeedView>(view), isLoaded: view.isLoaded, services: view.state, resetting, reset }
})
