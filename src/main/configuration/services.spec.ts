import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { fileLayer } from './layers.ts'
import { resolveLayers } from './resolvedSettings.ts'
import { readSettingsFile } from './settingsFile.ts'
import { services } from './services.ts'
import { createTestFolder, type TestFolder } from './testFolder.ts'

let folder: TestFolder
beforeEach(() => {
  folder = createTestFolder()
})
afterEach(() => folder.remove())

const YAML = `budget: 5
services:
  linkedin:
    hosts: [API.linkedin.com, "*.licdn.com", "127.0.0.1:8901"]
    breaker: { failures: 3, cooldown: 30s, longest_cooldown: 2h, probe: 500ms, window: { share: 0.5, minimum: 20, over: 1m } }
    fallback: [cached, placeholder]
    cache: { fresh: 10m, stale: 7d, entries: 50 }
    placeholder: { name: unknown }
    price: 0.10
  clearbit: {}
`
const TOML = `budget = 5

[services.linkedin]
hosts = ["API.linkedin.com", "*.licdn.com", "127.0.0.1:8901"]
fallback = ["cached", "placeholder"]
placeholder = { name = "unknown" }
price = "0.10"
breaker = { failures = 3, cooldown = "30s", longest_cooldown = "2h", probe = "500ms", window = { share = 0.5, minimum = 20, over = "1m" } }
cache = { fresh = "10m", stale = "7d", entries = 50 }

[services.clearbit]
`
const DECLARED = [
  {
    name: 'linkedin',
    hosts: ['api.linkedin.com', '*.licdn.com', '127.0.0.1:8901'],
    breaker: { failures: 3, cooldownMs: 30_000, longestCooldownMs: 7_200_000, probeMs: 500, window: { share: 0.5, minimum: 20, overMs: 60_000 } },
    fallback: ['cached', 'placeholder'],
    cache: { freshMs: 600_000, staleMs: 604_800_000, mostEntries: 50 },
    placeholder: { name: 'unknown' },
    pricePerCall: 100_000_000,
  },
  { name: 'clearbit' },
]

async function read(name: string, text: string): Promise<unknown> {
  const file = await readSettingsFile(folder.write(name, text))
  if (!file) throw new Error('There is no such file.')
  return resolveLayers([fileLayer(file, 'agent file')]).values.services
}

describe('services in an agent file', () => {
  it.each([['iron_cage.yaml', YAML], ['iron_cage.toml', TOML]])('are read from %s', async (name, text) => {
    expect(await read(name, text)).toEqual(DECLARED)
  })

  it('are shown as a file may hold them', () => {
    expect(services.schema.parse(services.show(services.schema.parse({ linkedin: { breaker: { cooldown: 1.5, window: null }, price: 0 } })))).toEqual([
      { name: 'linkedin', breaker: { cooldownMs: 1_500, window: null }, pricePerCall: 0 },
    ])
    expect(services.show(DECLARED as never)).toMatchObject({ linkedin: { price: '0.10', cache: { stale: '604800s' }, breaker: { probe: '500ms' } }, clearbit: {} })
  })

  it.each([
    ['Linked In: {}', 'services.Linked In is {}, but must be an object with hosts, breaker, fallback, cache, placeholder or price, under a name such as linkedin.'],
    ['linkedin: 5', 'services.linkedin is 5, but must be an object with hosts, breaker, fallback, cache, placeholder or price, under a name such as linkedin.'],
    ['linkedin: { breaker: { failures: 0 } }', 'services.linkedin.breaker.failures is 0, but must be a whole number from 1 to 1000.'],
    ['linkedin: { breaker: { cooldown: soon } }', 'services.linkedin.breaker.cooldown is "soon", but must be a number of seconds, or a time such as 500ms, 30s, 2m, 24h at most.'],
    ['linkedin: { breaker: { window: { share: 2, minimum: 1, over: 1m } } }', 'services.linkedin.breaker.window.share is 2, but must be a number above 0 and at most 1, such as 0.5.'],
    ['linkedin: { hosts: ["https://api.linkedin.com/"] }', 'services.linkedin.hosts.0 is "https://api.linkedin.com/", but must be a host, such as api.linkedin.com, *.clearbit.com or 127.0.0.1:8901.'],
    ['linkedin: { hosts: api.linkedin.com }', 'services.linkedin.hosts is "api.linkedin.com", but must be a list of hosts, such as ["api.linkedin.com", "*.clearbit.com", "127.0.0.1:8901"].'],
    ['linkedin: { breaker: { cooldwon: 60s } }', 'services.linkedin.breaker.cooldwon is "60s", but must be one of failures, cooldown, longest_cooldown, probe and window.'],
    ['linkedin: { breaker: { window: { share: 0.5, over: 1m } } }', 'services.linkedin.breaker.window.minimum is missing, but must be a whole number from 1 to 100000.'],
    ['linkedin: { fallback: [guess] }', 'services.linkedin.fallback.0 is "guess", but must be cached or placeholder.'],
    ['linkedin: { price: ten }', 'services.linkedin.price is "ten", but must be an amount in dollars, at most 1000000, such as 0.10.'],
    ['linkedin: { price: 9999999 }', 'services.linkedin.price is 9999999, but must be an amount in dollars, at most 1000000, such as 0.10.'],
    ['linkedin: { host: [x] }', 'services.linkedin.host is ["x"], but must be one of hosts, breaker, fallback, cache, placeholder or price.'],
  ])('%j is refused by file, line, key, what was given and what is allowed', async (entry, sentence) => {
    const problem = await read('iron_cage.yaml', `services:\n  ${entry}\n`).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(AppError)
    expect((problem as AppError).message).toBe(`${folder.path}/iron_cage.yaml, line 1: ${sentence}`)
  })
})
