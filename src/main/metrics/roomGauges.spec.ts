import { expect, it } from 'vitest'
import type { ServiceView } from '../../shared/domain/service.ts'
import { newBreaker } from '../reliability/breaker.ts'
import { viewOf } from '../reliability/serviceView.ts'
import { roomGauges } from './roomGauges.ts'

const view = (service: string, endpoint: string): ServiceView => ({ ...viewOf({ agentId: 'lg-7a3f9c2d', service, endpoint, breaker: newBreaker(0) }, 'lead', 0), calls: 2 })

function callsTo(services: readonly ServiceView[]): Record<string, number | string> {
  const families = roomGauges({ version: '0', host: 'headless', agents: [], budgets: [], processes: [], services, bridgeConnections: 0, viewers: 0, database: {} })
  const { samples = [] } = families.find(({ name }) => name === 'iron_cage_service_calls') ?? {}
  return Object.fromEntries(samples.map(({ labels, value }) => [labels.service, value]))
}

it('A service of very many breakers is one row, and summed up in one go', () => {
  const services = Array.from({ length: 100_000 }, (_, index) => view('linkedin', `/${index}`))
  expect(callsTo([...services, view('clearbit', '')])).toEqual({ linkedin: 200_000, clearbit: 2 })
})

it('Services beyond a hundred names are one row too', () => {
  expect(callsTo(Array.from({ length: 103 }, (_, index) => view(`service-${index}`, '')))).toMatchObject({ 'service-99': 2, other: 6 })
})
