import { describe, expect, it } from 'vitest'
import type { LaunchPlan } from '../../shared/domain/agent.ts'
import type { ProviderMode } from '../../shared/domain/provider.ts'
import { samplePlan } from '../../shared/domain/testAgents.ts'
import { agentEnvironment, withSearchPath } from './agentEnvironment.ts'

const options = { agentId: 'lg-7a3f9c2d', runToken: 'token', url: 'http://127.0.0.1:7317', platform: 'linux', applicationFolder: '/opt/room' } as const
const planWith = (variables: Record<string, string>): LaunchPlan => ({ variables }) as LaunchPlan
const crews = { CREWAI_DISABLE_TELEMETRY: 'true', CREWAI_TRACING_ENABLED: 'false' }
const given = { ...crews, TERM: 'xterm-256color', COLORTERM: 'truecolor', IRON_CAGE_AGENT_ID: 'lg-7a3f9c2d', IRON_CAGE_RUN_TOKEN: 'token', IRON_CAGE_URL: 'http://127.0.0.1:7317' }

describe('agentEnvironment', () => {
  it('passes on what is the user’s, and adds the terminal and the agent’s own names', () => {
    const base = { HOME: '/invented', LANG: 'de_AT.UTF-8', TERM: 'dumb', NODE_OPTIONS: '--trace-warnings', NOTHING: undefined }
    expect(agentEnvironment(base, planWith({}), options)).toEqual({
      HOME: '/invented',
      LANG: 'de_AT.UTF-8',
      NODE_OPTIONS: '--trace-warnings',
      ...given,
    })
  })

  it('frameworks tell nobody of what agents do, unless their user says so', () => {
    const own = { CREWAI_DISABLE_TELEMETRY: 'false' }
    expect(agentEnvironment(own, planWith({}), options)).toMatchObject({ ...crews, ...own })
    expect(agentEnvironment({}, planWith({ CREWAI_TRACING_ENABLED: 'true' }), options)).toMatchObject({ ...crews, CREWAI_TRACING_ENABLED: 'true' })
  })

  it('names no door that is not open', () => {
    expect(agentEnvironment({}, planWith({}), { ...options, url: null })).not.toHaveProperty('IRON_CAGE_URL')
  })

  it('keeps what is ours and npm’s', () => {
    const base = {
      IRON_CAGE_HOME: '/data',
      IRON_CAGE_BUDGET: '5',
      IRON_SECRETS_MASTER_KEY: '00',
      ELECTRON_RUN_AS_NODE: '1',
      npm_lifecycle_event: 'start',
      npm_config_cache: '/c',
      NPM_CONFIG_PREFIX: '/p',
      INIT_CWD: '/invented',
      NODE: '/usr/bin/node',
      COLOR: '1',
      USER: 'ada',
    }
    expect(agentEnvironment(base, planWith({}), options)).toEqual({ USER: 'ada', ...given })
  })

  it('keeps it in whatever letters it was set on Windows, which reads them all alike', () => {
    const base = { Iron_Secrets_Master_Key: '00', iron_cage_home: 'C:\\data', smtp_password: 'invented', USER: 'ada' }
    const names = (platform: NodeJS.Platform): string[] => Object.keys(agentEnvironment(base, planWith({}), { ...options, platform, withheld: ['SMTP_PASSWORD'] }))
    expect(names('win32')).toEqual(['CREWAI_DISABLE_TELEMETRY', 'CREWAI_TRACING_ENABLED', 'USER', 'TERM', 'COLORTERM', 'IRON_CAGE_AGENT_ID', 'IRON_CAGE_RUN_TOKEN', 'IRON_CAGE_URL'])
    expect(names('linux')).toEqual(expect.arrayContaining(['iron_cage_home', 'smtp_password']))
  })

  it('leaves NODE and COLOR alone when it was not npm that set them', () => {
    expect(agentEnvironment({ NODE: 'mine', COLOR: 'red' }, planWith({}), options)).toEqual({ NODE: 'mine', COLOR: 'red', ...given })
  })

  it('gives the plan’s variables the last word, except about who the agent is', () => {
    const variables = { TERM: 'vt100', PATH: '/only', IRON_CAGE_AGENT_ID: 'xx-00000000' }
    expect(agentEnvironment({ PATH: '/bin' }, planWith(variables), options)).toEqual({ ...given, TERM: 'vt100', PATH: '/only' })
  })

  it.each([
    ['/opt/room/node_modules/.bin:/opt/node_modules/.bin:/node_modules/.bin:/usr/bin', '/usr/bin'],
    ['/x/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:/bin', '/bin'],
    ['/invented/project/node_modules/.bin:/bin', '/invented/project/node_modules/.bin:/bin'],
    ['/opt/roommate/node_modules/.bin:/bin', '/opt/roommate/node_modules/.bin:/bin'],
    ['/opt/room/node_modules/.bin/:/bin:', '/bin:'],
  ])('takes our own tools off the path %s', (path, expected) => {
    expect(agentEnvironment({ PATH: path }, planWith({}), options).PATH).toBe(expected)
  })

  it('knows the path as Windows spells it', () => {
    const windows = { ...options, platform: 'win32', applicationFolder: 'C:\\room' } as const
    expect(agentEnvironment({ Path: 'C:\\room\\node_modules\\.bin;C:\\Windows' }, planWith({}), windows).Path).toBe('C:\\Windows')
  })
})

describe('on the way to the gateway', () => {
  const gateway = { ...options, gatewayUrl: 'http://127.0.0.1:40000' } as const
  const plan = (mode: ProviderMode, variables: Record<string, string> = {}): LaunchPlan => samplePlan({ variables, llm: { ...samplePlan().llm, mode } })
  const addresses = {
    OPENAI_BASE_URL: 'http://127.0.0.1:40000/run/token/openai/v1',
    OPENAI_API_BASE: 'http://127.0.0.1:40000/run/token/openai/v1',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:40000/run/token/anthropic',
  }
  const noProxy = { NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost' }

  it('every SDK is told the run’s address, whatever the environment or the plan says', () => {
    const base = { OPENAI_BASE_URL: 'http://127.0.0.1:1', OPENAI_ORG_ID: 'org-invented' }
    const environment = agentEnvironment(base, plan('live', { ANTHROPIC_BASE_URL: 'http://127.0.0.1:2', OPENAI_API_BASE: 'http://127.0.0.1:3' }), gateway)
    expect(environment).toEqual({ ...given, ...addresses, ...noProxy, OPENAI_ORG_ID: 'org-invented' })
  })

  it('nobody is told of a gateway that is not open', () => {
    const base = { OPENAI_BASE_URL: 'http://127.0.0.1:1' }
    expect(agentEnvironment(base, plan('simulated'), { ...gateway, gatewayUrl: null })).toEqual({ ...base, ...given })
  })

  it('simulated answers need no key, and real keys stay as they are', () => {
    const keys = { OPENAI_API_KEY: 'sk-simulated-iron-cage', ANTHROPIC_API_KEY: 'sk-simulated-iron-cage' }
    expect(agentEnvironment({ OPENAI_API_KEY: '' }, plan('simulated'), gateway)).toMatchObject(keys)
    const mine = { OPENAI_API_KEY: 'sk-invented-mine' }
    expect(agentEnvironment(mine, plan('simulated'), gateway)).toMatchObject({ ...keys, ...mine })
    expect(agentEnvironment({}, plan('simulated', mine), gateway)).toMatchObject({ ...keys, ...mine })
    expect(agentEnvironment({}, plan('live'), gateway)).not.toHaveProperty('OPENAI_API_KEY')
  })

  it.each([
    [{ NO_PROXY: 'example.com, localhost' }, 'example.com,localhost,127.0.0.1', 'example.com,localhost,127.0.0.1'],
    [{ no_proxy: 'a.test', NO_PROXY: 'b.test' }, 'b.test,127.0.0.1,localhost', 'a.test,127.0.0.1,localhost'],
    [{ no_proxy: '*' }, '*', '*'],
  ])('no proxy is asked: %j', (base, upper, lower) => {
    expect(agentEnvironment(base, plan('live'), gateway)).toMatchObject({ NO_PROXY: upper, no_proxy: lower })
    expect(agentEnvironment({}, plan('live', base as Record<string, string>), gateway)).toMatchObject({ NO_PROXY: upper, no_proxy: lower })
  })

  it('the room’s own secrets stay with the room', () => {
    const base = { MAIL_PASSWORD: 'invented', HOME: '/invented' }
    expect(agentEnvironment(base, plan('live'), { ...options, withheld: ['MAIL_PASSWORD'] })).toEqual({ HOME: '/invented', ...given })
  })
})

describe('secrets and the bridge', () => {
  const bridge = { IRON_CAGE_BRIDGE: '/invented/bridge' }
  const run = { ...options, bridge, pythonFolder: '/opt/room/python' }

  it('a secret outranks what the room has, and a variable of the launch both', () => {
    const secrets = { FIRST_KEY: 'secret', SECOND_KEY: 'secret' }
    const environment = agentEnvironment({ FIRST_KEY: 'room', SECOND_KEY: 'room' }, planWith({ SECOND_KEY: 'launch' }), { ...options, secrets })
    expect(environment).toMatchObject({ FIRST_KEY: 'secret', SECOND_KEY: 'launch' })
  })

  it.each([
    [{}, {}, '/opt/room/python'],
    [{ PYTHONPATH: '/own' }, {}, '/opt/room/python:/own'],
    [{ PYTHONPATH: '/own' }, { PYTHONPATH: '/launch' }, '/opt/room/python:/launch'],
  ])('Python finds us first, and all that it would have found: %j %j', (base, variables, expected) => {
    expect(agentEnvironment(base, planWith(variables as Record<string, string>), run)).toMatchObject({ ...bridge, PYTHONPATH: expected })
  })
})

describe('a search path that was found out later', () => {
  it('takes the place of the PATH that is there', () => {
    expect(withSearchPath({ PATH: '/bin', HOME: '/invented' }, '/tools:/bin')).toEqual({ PATH: '/tools:/bin', HOME: '/invented' })
  })

  it('leaves everything as it is when there is none', () => {
    expect(withSearchPath({ PATH: '/bin' }, null)).toEqual({ PATH: '/bin' })
    expect(withSearchPath({ PATH: '/bin' }, undefined)).toEqual({ PATH: '/bin' })
  })
})
