import { createDice } from '../gateway/simulated/dice.ts'
import type { Lead } from './leads.ts'

const INDUSTRIES = ['machine tools', 'logistics', 'food', 'software', 'glass', 'textiles', 'paper', 'ceramics'] as const
const TOPICS = ['heat recovery', 'energy prices', 'a new plant', 'hiring', 'a trade fair', 'retrofitting halls', 'supply chains'] as const

/** What LinkedIn's stand-in knows of somebody: the same at every run. */
export function profileOf({ name, role, company }: Lead, seed: number): Record<string, string | number> {
  const dice = createDice(seed, 'profile', name, company)
  return {
    name,
    company,
    headline: `${role} at ${company}`,
    years_in_role: 1 + dice.below(11),
    connections: 80 + dice.below(900),
    writes_about: dice.pick(TOPICS),
  }
}

/** What Clearbit's stand-in knows of a company. */
export function companyOf({ company, domain }: Lead, seed: number): Record<string, string | number> {
  const dice = createDice(seed, 'company', domain)
  return { name: company, domain, industry: dice.pick(INDUSTRIES), employees: 12 + dice.below(890), founded: 1950 + dice.below(70), sites: 1 + dice.below(6) }
}
