import { describe, expect, it } from 'vitest'
import { inCoverOrder, servedSentence, serviceName, servicesOf, stateSentence } from './serviceLook.ts'
import { sampleService } from './testServices.ts'

describe('what is said of a service', () => {
  it('counts down to the probe by the page’s clock, and never below nothing', () => {
    const open = sampleService({ state: 'open', retryAt: 61_000 })
    expect(stateSentence(open, 1_000)).toBe('A probe in 1 min')
    expect(stateSentence(open, 60_400)).toBe('A probe in 1 s')
    expect(stateSentence(open, 61_000)).toBe('The next call is a probe')
    expect(stateSentence(sampleService({ state: 'half-open', retryAt: 30_000 }), 1_000)).toBe('A probe is under way')
    expect(stateSentence(sampleService({ state: 'half-open', retryAt: 1_000 }), 1_000)).toBe('The next call is a probe')
    expect(stateSentence(sampleService({ since: 1_000 }), 66_000)).toBe('For 1 min 5 s')
  })

  it('tells who answered, and nothing before anybody has', () => {
    expect(servedSentence(sampleService({ served: { primary: 33, cached: 1_065, placeholder: 1, custom: 0, failed: 1 } }))).toBe(
      'Answered: 33 by itself, 1,065 from the cache, 1 by a placeholder, 1 not at all',
    )
    expect(servedSentence(sampleService({ served: { primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 0 } }))).toBeNull()
  })

  it('shows an agent’s own and the room’s, those in trouble first', () => {
    const services = [
      sampleService({ service: 'clearbit' }),
      sampleService({ service: 'linkedin', state: 'open', endpoint: '/v2/people' }),
      sampleService({ service: 'openai', agentId: null, state: 'half-open' }),
      sampleService({ agentId: 'mt-9c0d11fe' }),
    ]
    expect(servicesOf(services, 'lg-7a3f9c2d').map(serviceName)).toEqual(['linkedin /v2/people', 'openai', 'clearbit'])
  })

  it('puts what went around us first', () => {
    const one = { agentId: 'lg-7a3f9c2d', calls: 1, firstAt: 0, lastAt: 0 }
    const hosts = [
      { ...one, host: 'api.openai.com:443', covered: 'gateway' as const },
      { ...one, host: 'few.example:443', covered: 'none' as const },
      { ...one, host: 'many.example:443', covered: 'none' as const, calls: 9 },
      { ...one, host: 'api.linkedin.example:443', covered: 'breaker' as const },
    ]
    expect(inCoverOrder(hosts).map(({ host }) => host)).toEqual(['many.example:443', 'few.example:443', 'api.linkedin.example:443', 'api.openai.com:443'])
  })
})
