import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { describeProvider } from '../../shared/providerSentences.ts'
import { createLaunchPlanner, type PlannedLaunch } from './launchPlanner.ts'
import type { FlagValues } from './layers.ts'
import { createTestFolder, type TestFolder } from './testFolder.ts'

let folder: TestFolder
let script: string
beforeEach(() => {
  folder = createTestFolder()
  folder.write('bin/python3', '#!/bin/sh\n', 0o755)
  script = folder.write('agent.py', '')
})
afterEach(() => folder.remove())

const HERE = 'http://127.0.0.1:9999'
const OURS = 'http://127.0.0.1:40000/run/0123/openai/v1'

function planned(flags: FlagValues, environment: Record<string, string>, stored: readonly string[] = []): Promise<PlannedLaunch> {
  const planner = createLaunchPlanner({
    environment: { PATH: join(folder.path, 'bin'), ...environment },
    dataFolder: join(folder.path, 'data'),
    platform: 'linux',
    isStored: async (of, names) => names.some((name) => stored.includes(`${of} ${name}`)),
  })
  return planner.plan({ script }, flags)
}

describe('who answers', () => {
  const cases: [string, FlagValues, Record<string, string>, 'simulated' | 'live'][] = [
    ['nothing is known', {}, {}, 'simulated'],
    ['an OpenAI key is known', {}, { OPENAI_API_KEY: 'sk-invented' }, 'live'],
    ['an Anthropic key is known', {}, { ANTHROPIC_API_KEY: 'sk-invented' }, 'live'],
    ['a key is empty', {}, { OPENAI_API_KEY: ' ' }, 'simulated'],
    ['a key is our placeholder', {}, { OPENAI_API_KEY: 'sk-simulated-iron-cage' }, 'simulated'],
    ['the agent gets a key', { variables: ['OPENAI_API_KEY=sk-invented'] }, {}, 'live'],
    ['the agent is denied the key', { variables: ['OPENAI_API_KEY='] }, { OPENAI_API_KEY: 'sk-invented' }, 'simulated'],
    ['an upstream is set', { upstream_anthropic: HERE }, {}, 'live'],
    ['the SDK is pointed elsewhere', {}, { OPENAI_API_BASE: `${HERE}/v1` }, 'live'],
    ['the SDK is pointed at a gateway of ours', {}, { OPENAI_BASE_URL: OURS }, 'simulated'],
    ['simulated is asked for', { provider: 'simulated', upstream_openai: HERE }, { OPENAI_API_KEY: 'sk-invented' }, 'simulated'],
    ['live is asked for', { provider: 'live' }, {}, 'live'],
  ]
  it.each(cases)('when %s', async (_case, flags, environment, mode) => {
    expect((await planned(flags, environment)).plan.llm.mode).toBe(mode)
  })
})

describe('who answers, with secrets in the store,', () => {
  const IN_STAGING = ['staging OPENAI_API_KEY']
  const cases: [string, FlagValues, Record<string, string>, readonly string[], 'simulated' | 'live'][] = [
    ['a key is kept for the run’s environment', { env: 'staging' }, {}, IN_STAGING, 'live'],
    ['the other provider’s is', { env: 'staging' }, {}, ['staging ANTHROPIC_API_KEY'], 'live'],
    ['it is kept for another environment', { env: 'production' }, {}, IN_STAGING, 'simulated'],
    ['something else is kept', { env: 'staging' }, {}, ['staging CLEARBIT_KEY'], 'simulated'],
    ['the agent file names it', { env: 'staging', secrets: ['OPENAI_API_KEY'] }, {}, IN_STAGING, 'live'],
    ['the agent file names others', { env: 'staging', secrets: ['CLEARBIT_KEY'] }, {}, IN_STAGING, 'simulated'],
    ['the launch takes it away', { env: 'staging', variables: ['OPENAI_API_KEY='] }, {}, IN_STAGING, 'simulated'],
    ['the environment has our placeholder', { env: 'staging' }, { OPENAI_API_KEY: 'sk-simulated-iron-cage' }, IN_STAGING, 'live'],
    ['simulated is asked for', { env: 'staging', provider: 'simulated' }, {}, IN_STAGING, 'simulated'],
  ]
  it.each(cases)('when %s', async (_case, flags, environment, stored, mode) => {
    expect((await planned(flags, environment, stored)).plan.llm.mode).toBe(mode)
  })
})

describe('where OpenAI-shaped calls go', () => {
  const cases: [string, FlagValues, Record<string, string>, string | null][] = [
    ['where the setting says', { upstream_openai: `${HERE}/a`, variables: [`OPENAI_BASE_URL=${HERE}/b`] }, { OPENAI_BASE_URL: `${HERE}/c` }, `${HERE}/a`],
    ['else where the agent’s variables say', { variables: [`OPENAI_BASE_URL=${HERE}/b`] }, { OPENAI_BASE_URL: `${HERE}/c` }, `${HERE}/b`],
    ['else where the older of them says', { variables: [`OPENAI_API_BASE=${HERE}/b`] }, { OPENAI_BASE_URL: `${HERE}/c` }, `${HERE}/b`],
    ['else where the room’s environment says', {}, { OPENAI_BASE_URL: `${HERE}/c/`, OPENAI_API_BASE: `${HERE}/d` }, `${HERE}/c`],
    ['never to a gateway of ours', {}, { OPENAI_BASE_URL: OURS, OPENAI_API_BASE: `${HERE}/d` }, `${HERE}/d`],
    ['else to the provider itself', { provider: 'live' }, { OPENAI_BASE_URL: '' }, null],
    ['nowhere when answers are simulated', { provider: 'simulated' }, { OPENAI_BASE_URL: 'nonsense' }, null],
  ]
  it.each(cases)('%s', async (_case, flags, environment, url) => {
    expect((await planned(flags, environment)).plan.llm.upstreams.openai).toBe(url)
  })

  it('is explained by the variable that said so', async () => {
    const { settings } = await planned({}, { ANTHROPIC_BASE_URL: HERE })
    expect(settings.find(({ key }) => key === 'upstream_anthropic')).toMatchObject({ value: HERE, origin: 'environment', source: 'ANTHROPIC_BASE_URL' })
  })

  const allowed = 'a base URL with http or https and without user name, query or fragment, such as http://127.0.0.1:9999/v1'
  it.each([
    [{}, { OPENAI_BASE_URL: 'models.example.com' }, `OPENAI_BASE_URL is "models.example.com", but must be ${allowed}; mend it, or say --upstream-openai.`],
    [
      { variables: ['ANTHROPIC_BASE_URL=ftp://x'] },
      {},
      `variables.ANTHROPIC_BASE_URL is "ftp://x", but must be ${allowed}; mend it, or say --upstream-anthropic.`,
    ],
    [
      {},
      { OPENAI_BASE_URL: 'https://ada:invented@example.com' },
      `OPENAI_BASE_URL is something else (not shown here), but must be ${allowed}; mend it, or say --upstream-openai.`,
    ],
  ])('is refused when it is no address: %j %j', async (flags, environment: Record<string, string>, sentence) => {
    await expect(planned(flags, environment)).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION', message: sentence })
  })

  it('does not keep the room itself from opening', async () => {
    const environment = { OPENAI_BASE_URL: 'nonsense', IRON_CAGE_PRICES: 'prices.yaml' }
    const planner = createLaunchPlanner({ environment, dataFolder: folder.path, platform: 'linux', callerFolder: '/invented' })
    expect((await planner.room()).values.prices).toBe('/invented/prices.yaml')
    folder.write('settings.yaml', 'prices: mine.yaml\n')
    const quiet = createLaunchPlanner({ environment: {}, dataFolder: folder.path, platform: 'linux', callerFolder: '/invented' })
    expect((await quiet.room()).values.prices).toBe(join(folder.path, 'mine.yaml'))
    expect((await quiet.room({ prices: '/p.yaml' })).values.prices).toBe('/p.yaml')
  })
})

describe('the sentence about who answers', () => {
  it.each([
    [{}, {}, 'LLM answers are simulated, for no API key and no upstream is known: nothing leaves this machine and nobody sends a bill; costs are what the named models would charge.'],
    [{ provider: 'simulated' }, {}, 'LLM answers are simulated: nothing leaves this machine and nobody sends a bill; costs are what the named models would charge.'],
    [{}, { OPENAI_API_KEY: 'sk-invented' }, 'LLM calls go to the providers, for an API key is known, and cost real money.'],
    [{ provider: 'live' }, {}, 'LLM calls go to the providers, and cost real money.'],
    [{ upstream_openai: `${HERE}/v1` }, {}, 'LLM calls go to 127.0.0.1:9999, for an upstream is set, and cost real money.'],
  ])('says it and why: %j %j', async (flags, environment: Record<string, string>, sentence) => {
    const { plan, settings } = await planned(flags, environment)
    expect(describeProvider(plan.llm, settings)).toBe(sentence)
  })
})
