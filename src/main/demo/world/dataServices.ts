import { createDice } from '../../gateway/simulated/dice.ts'
import { companyOf, profileOf } from '../inventedFacts.ts'
import type { Lead } from '../leads.ts'
import type { WorldService } from './world.ts'

export interface DataServicesOptions {
  readonly leads: readonly Lead[]
  readonly seed: number
  /** Whether LinkedIn refuses what is asked about this lead. */
  readonly isRefused: (lead: number) => boolean
}

/** LinkedIn's stand-in: people by name and company, until it has enough of questions. */
export function linkedIn({ leads, seed, isRefused }: DataServicesOptions): WorldService {
  return ({ path, query }) => {
    if (path !== '/v2/people') return Promise.resolve(null)
    const lead = leads.find(({ name, company }) => name === query.get('name') && company === query.get('company'))
    const dice = createDice(seed, 'linkedin', lead?.number ?? 0)
    if (!lead) return Promise.resolve({ status: 404, body: { error: 'no such profile' }, delayMs: 80 })
    if (isRefused(lead.number)) return Promise.resolve({ status: 429, body: { error: 'rate limit exceeded' }, delayMs: 30 })
    return Promise.resolve({ status: 200, body: profileOf(lead, seed), delayMs: 140 + dice.below(220) })
  }
}

/** Clearbit's stand-in: companies by domain. */
export function clearbit({ leads, seed }: Pick<DataServicesOptions, 'leads' | 'seed'>): WorldService {
  return ({ path, query }) => {
    if (path !== '/v2/companies/find') return Promise.resolve(null)
    const lead = leads.find(({ domain }) => domain === query.get('domain'))
    if (!lead) return Promise.resolve({ status: 404, body: { error: 'unknown domain' }, delayMs: 60 })
    return Promise.resolve({ status: 200, body: companyOf(lead, seed), delayMs: 90 + createDice(seed, 'clearbit', lead.number).below(160) })
  }
}
