import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { environmentLayer, fileLayer, flagLayer, requestLayer, type FlagValues } from './layers.ts'
import { resolveLayers } from './resolvedSettings.ts'
import { ROOM_KEYS, SETTING_KEYS, settingOf, type SettingKey } from './settings.ts'

const DOLLAR = 1_000_000_000
const AN_EXPLICIT_NULL: SettingKey[] = ['upstream_openai', 'upstream_anthropic', 'at_limit', 'baseline', 'alert_email', 'smtp_server', 'otel_endpoint', 'shared_budget', 'update_feed']
const noLines = { lineOf: () => null }

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
    return (error as AppError).message
  }
  throw new Error('It was accepted.')
}

describe('the table of settings', () => {
  it('names every flag and every variable once, in one spelling', () => {
    const flags = SETTING_KEYS.map((key) => settingOf(key).flag).filter((flag) => flag !== null)
    const variables = SETTING_KEYS.map((key) => settingOf(key).variable).filter((variable) => variable !== null)
    expect(new Set(flags).size).toBe(flags.length)
    expect(variables).toEqual(SETTING_KEYS.filter((key) => settingOf(key).variable).map((key) => `IRON_CAGE_${key.toUpperCase()}`))
  })

  it('knows which are the room’s', () => {
    expect([...ROOM_KEYS]).toEqual(SETTING_KEYS.filter((key) => settingOf(key).of === 'room'))
  })

  it.each(SETTING_KEYS.filter((key) => settingOf(key).fallback !== null || AN_EXPLICIT_NULL.includes(key)))('shows the default of %s so that a file may hold it', (key) => {
    const { kind, fallback } = settingOf(key)
    expect(kind.schema.parse(kind.show(fallback))).toEqual(fallback)
  })
})

describe('a value that is allowed', () => {
  const accepted: [SettingKey, string, unknown][] = [
    ['budget', '50', 50 * DOLLAR],
    ['budget', '$50', 50 * DOLLAR],
    ['budget', '0.25', DOLLAR / 4],
    ['budget', '1000000', 1_000_000 * DOLLAR],
    ['safety_mode', 'block', 'block'],
    ['env', 'production', 'production'],
    ['restart', 'never', 'never'],
    ['max_restarts', '0', 0],
    ['grace_period', '2', 2_000],
    ['grace_period', '0.5', 500],
    ['grace_period', '500ms', 500],
    ['grace_period', '5 s', 5_000],
    ['healthy_after', '2m', 120_000],
    ['verbose', 'yes', true],
    ['verbose', '0', false],
    ['port', '0', 0],
    ['port', '65535', 65_535],
  ]
  it.each(accepted)('%s is read from the text %j', (key, text, value) => {
    expect(flagLayer({ [key]: text }).said.get(key)?.value).toEqual(value)
  })

  it.each([
    ['budget', 0.25, DOLLAR / 4],
    ['budget', '$7', 7 * DOLLAR],
    ['grace_period', 3, 3_000],
    ['args', ['--leads', 100], ['--leads', '100']],
    ['variables', { LEADS: 100, DEBUG: true, NAME: 'Ada' }, { LEADS: '100', DEBUG: 'true', NAME: 'Ada' }],
  ])('%s is read from %j in a file', (key, given, value) => {
    const layer = fileLayer({ path: '/x/iron_cage.yaml', values: { [key]: given }, ...noLines }, 'agent file')
    expect(layer.said.get(key as SettingKey)?.value).toEqual(value)
  })

  it('is read without the slash at its end where new versions come from', () => {
    expect(environmentLayer({ IRON_CAGE_UPDATE_FEED: 'https://updates.example.com/room/' }).said.get('update_feed')?.value).toBe('https://updates.example.com/room')
  })

  it.each([
    ['http://127.0.0.1:4318/', 'http://127.0.0.1:4318'],
    ['http://localhost:4318', 'http://localhost:4318'],
    ['https://collector.example.com/otlp', 'https://collector.example.com/otlp'],
  ])('takes %s for a collector', (given, value) => {
    expect(environmentLayer({ IRON_CAGE_OTEL_ENDPOINT: given }).said.get('otel_endpoint')?.value).toBe(value)
  })

  it.each(['http://collector.example.com:4318', 'https://ada:word@collector.example.com', 'https://collector.example.com?key=word', 'ftp://127.0.0.1', 'collector'])('takes no collector at %s', (given) => {
    expect(() => environmentLayer({ IRON_CAGE_OTEL_ENDPOINT: given })).toThrow('a URL with https, or with http on this machine')
  })

  it('takes variables from as many flags as there are, each up to its first equals sign', () => {
    const layer = flagLayer({ variables: ['A=1', 'QUERY=a=b'] })
    expect(layer.said.get('variables')?.value).toEqual({ A: '1', QUERY: 'a=b' })
  })
})

describe('a value that is not allowed', () => {
  const money = 'but must be an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25'
  const shell = "; a shell turns an unquoted $50 into 0: write --budget 50, or quote it: '$50'"
  const flags: [FlagValues, string][] = [
    [{ budget: 'abc' }, `--budget is "abc", ${money}.`],
    [{ budget: '-5' }, `--budget is "-5", ${money}.`],
    [{ budget: '1e9' }, `--budget is "1e9", ${money}.`],
    [{ budget: '$' }, `--budget is "$", ${money}.`],
    [{ budget: '50 €' }, `--budget is "50 €", ${money}.`],
    [{ budget: '1000000.01' }, `--budget is "1000000.01", ${money}.`],
    [{ budget: '0' }, `--budget is "0", ${money}${shell}.`],
    [{ budget: '00' }, `--budget is "00", ${money}${shell}.`],
    [{ budget: '0.00' }, `--budget is "0.00", ${money}${shell}.`],
    [{ budget: '' }, `--budget is "", ${money}${shell}.`],
    [{ safety_mode: 'strict' }, '--safety-mode is "strict", but must be one of redact, block or warn.'],
    [{ env: 'prod' }, '--env is "prod", but must be one of development, staging or production.'],
    [{ restart: '' }, '--restart is "", but must be one of never, on-failure or always.'],
    [{ max_restarts: '2.5' }, '--max-restarts is "2.5", but must be a whole number from 0 to 1000.'],
    [{ max_restarts: '1001' }, '--max-restarts is "1001", but must be a whole number from 0 to 1000.'],
    [{ port: '65536' }, '--port is "65536", but must be a whole number from 0 to 65535.'],
    [{ port: '-1' }, '--port is "-1", but must be a whole number from 0 to 65535.'],
    [{ grace_period: '1h' }, '--grace-period is "1h", but must be a number of seconds up to 3600, or a time such as 5s, 500ms or 2m.'],
    [{ grace_period: '-1' }, '--grace-period is "-1", but must be a number of seconds up to 3600, or a time such as 5s, 500ms or 2m.'],
    [{ grace_period: '3601' }, '--grace-period is "3601", but must be a number of seconds up to 3600, or a time such as 5s, 500ms or 2m.'],
    [{ interpreter: '' }, '--interpreter is "", but must be the path or the name of a program, such as python3.12 or ./venv/bin/python.'],
    [
      { variables: ['A=1', 'B'] },
      '--variable is something else (not shown here), but must be NAME=VALUE, where the name has letters, digits and _ only, does not begin with a digit and not with IRON_CAGE_.',
    ],
    [
      { variables: ['A=1', 'OPENAI-API-KEY=sk-invented-0123456789'] },
      '--variable OPENAI-API-KEY is something else (not shown here), but must be NAME=VALUE, where the name has letters, digits and _ only, does not begin with a digit and not with IRON_CAGE_.',
    ],
    [
      { variables: ['IRON_CAGE_RUN_TOKEN=x'] },
      '--variable IRON_CAGE_RUN_TOKEN is something else (not shown here), but must be NAME=VALUE, where the name has letters, digits and _ only, does not begin with a digit and not with IRON_CAGE_.',
    ],
  ]
  it.each(flags)('is refused as a flag: %j', (given, sentence) => {
    expect(messageOf(() => flagLayer(given))).toBe(sentence)
  })

  it('is refused as a variable by the name of the variable', () => {
    expect(messageOf(() => environmentLayer({ IRON_CAGE_LOG_FORMAT: 'xml' }))).toBe('IRON_CAGE_LOG_FORMAT is "xml", but must be one of text or json.')
    expect(messageOf(() => environmentLayer({ IRON_CAGE_VERBOSE: 'loud' }))).toBe('IRON_CAGE_VERBOSE is "loud", but must be true or false.')
    expect(messageOf(() => environmentLayer({ IRON_CAGE_BUDGET: '' }))).toContain('IRON_CAGE_BUDGET is ""')
  })

  it.each(['http://updates.example.com', 'https://', 'updates.example.com', 'file:///tmp', 'https://updates.example.com/?key=1', 'https://ada:word@updates.example.com'])(
    'is refused where new versions come from: %s',
    (given) => {
      expect(messageOf(() => environmentLayer({ IRON_CAGE_UPDATE_FEED: given }))).toContain('must be a URL with https and without user name, query or fragment')
    },
  )

  it.each([
    [{ budget: true }, `budget is true, ${money}.`],
    [{ budget: ['50'] }, `budget is ["50"], ${money}.`],
    [{ budget: 1e21 }, `budget is 1e+21, ${money}.`],
    [{ budget: null }, `budget is null, ${money}.`],
    [{ max_restarts: '3' }, 'max_restarts is "3", but must be a whole number from 0 to 1000.'],
    [{ args: '--leads 100' }, 'args is "--leads 100", but must be a list of texts, such as ["--leads", "100"].'],
    [{ args: ['a', ['b']] }, 'args.1 is ["b"], but must be a list of texts, such as ["--leads", "100"].'],
    [
      { variables: { 'OPENAI-API-KEY': 'sk-invented-0123456789' } },
      'variables.OPENAI-API-KEY is something else (not shown here), but must be NAME=VALUE, where the name has letters, digits and _ only, does not begin with a digit and not with IRON_CAGE_.',
    ],
    [
      { variables: { A: { b: 1 } } },
      'variables.A is something else (not shown here), but must be NAME=VALUE, where the name has letters, digits and _ only, does not begin with a digit and not with IRON_CAGE_.',
    ],
    [{ budgte: 5 }, 'there is no setting "budgte"; did you mean budget?'],
    [{ 'safety-mode': 'warn' }, 'there is no setting "safety-mode"; did you mean safety_mode?'],
    [{ safetyMode: 'warn' }, 'there is no setting "safetyMode"; did you mean safety_mode?'],
    [
      { colour: 'red' },
      'there is no setting "colour"; allowed are budget, provider, upstream_openai, upstream_anthropic, at_limit, park_for, unknown_model, baseline, simulated_seed, simulated_delay, simulated_failures, safety_mode, safety_types, safety_directions, unauthorised, injection, allowed_models, allowed_tools, allowed_hosts, allowed_paths, not_private, services, secrets, seal_secrets, env, restart, max_restarts, healthy_after, grace_period, interpreter, args, working_directory, variables.',
    ],
    [{ port: 1 }, 'port is about the whole room and belongs into settings.yaml.'],
    [JSON.parse('{"__proto__": 1}') as object, 'there is no setting "__proto__";'],
  ])('is refused in an agent file: %j', (values, sentence) => {
    const file = { path: '/x/iron_cage.toml', values: values as Record<string, unknown>, ...noLines }
    expect(messageOf(() => fileLayer(file, 'agent file'))).toContain(`/x/iron_cage.toml: ${sentence}`)
  })

  it('is refused in the user settings when it is about one agent', () => {
    const file = { path: '/d/settings.yaml', values: { interpreter: 'python3' }, lineOf: () => 4 }
    expect(messageOf(() => fileLayer(file, 'user settings'))).toBe(
      '/d/settings.yaml, line 4: interpreter is about one agent and belongs into its iron_cage.yaml.',
    )
  })

  it('is refused in a launch request as bad input', () => {
    const error = (() => {
      try {
        return requestLayer({ budget: 'abc' })
      } catch (problem) {
        return problem as AppError
      }
    })()
    expect(error).toMatchObject({ code: 'INVALID_INPUT', message: `budget is "abc", ${money}.` })
  })

  it('is quoted in part when it is long', () => {
    expect(messageOf(() => flagLayer({ env: 'x'.repeat(500) }))).toHaveLength(143)
  })
})

describe('the environment', () => {
  it('refuses a slip of the finger', () => {
    expect(messageOf(() => environmentLayer({ IRON_CAGE_BUGDET: '5' }))).toBe(
      'The environment has IRON_CAGE_BUGDET, which means nothing here; did you mean IRON_CAGE_BUDGET?',
    )
  })

  it('leaves alone what is not about settings', () => {
    const { said } = environmentLayer({ IRON_CAGE_HOME: '/d', IRON_CAGE_AGENT_ID: 'lg-7a3f9c2d', IRON_CAGE_SOMETHING_ELSE: '1', HOME: '/h' })
    expect([...said]).toEqual([])
  })
})

describe('layers over one another', () => {
  const agentFile = (values: Record<string, unknown>) => fileLayer({ path: '/x/iron_cage.yaml', values, ...noLines }, 'agent file')
  const userSettings = (values: Record<string, unknown>) => fileLayer({ path: '/d/settings.yaml', values, ...noLines }, 'user settings')
  const sources = [
    ['flag', '--budget', flagLayer({ budget: '1' })],
    ['environment', 'IRON_CAGE_BUDGET', environmentLayer({ IRON_CAGE_BUDGET: '2' })],
    ['agent file', '/x/iron_cage.yaml', agentFile({ budget: 3 })],
    ['user settings', '/d/settings.yaml', userSettings({ budget: 4 })],
  ] as const

  it.each([0, 1, 2, 3])('without the first %d of them the next one decides', (left) => {
    const resolved = resolveLayers(sources.slice(left).map(([, , layer]) => layer))
    const [origin, source] = sources[left] ?? []
    expect(resolved.values.budget).toBe((left + 1) * DOLLAR)
    expect(resolved.explain('agent')[0]).toMatchObject({ key: 'budget', value: `$${left + 1}.00`, origin, source })
  })

  it('leave the default where nobody says anything', () => {
    const resolved = resolveLayers([])
    expect(resolved.values.budget).toBe(100 * DOLLAR)
    expect(resolved.explain('agent')[0]).toEqual({
      key: 'budget',
      value: '$100.00',
      origin: 'default',
      source: null,
      summary: 'What the agent may spend, in dollars.',
    })
    expect(resolved.explain('room').map(({ key, value }) => [key, value])).toEqual([
      ['verbose', false],
      ['log_level', 'info'],
      ['log_format', 'text'],
      ['port', 7317],
      ...ROOM_KEYS.slice(4, -11).map((key) => [key, null]),
      ['alert_private_data', 'off'],
      ['otel_endpoint', null],
      ['shared_budget', null],
      ['originals_kept_for', 30],
      ['events_kept_for', 30],
      ['log_kept_for', 7],
      ['upstream_failures', 5],
      ['upstream_cooldown', '60s'],
      ['upstream_probe', '120s'],
      ['open_at_login', false],
      ['update_feed', null],
    ])
  })

  it('let a false, a zero and an empty list stand against a lower layer', () => {
    const resolved = resolveLayers([flagLayer({ verbose: false, max_restarts: '0' }), userSettings({ verbose: true, max_restarts: 5 })])
    expect(resolved.values).toMatchObject({ verbose: false, max_restarts: 0 })
    expect(resolveLayers([requestLayer({ args: [] }), agentFile({ args: ['a'] })]).values.args).toEqual([])
  })

  it('merge variables name by name', () => {
    const resolved = resolveLayers([flagLayer({ variables: ['A=flag'] }), agentFile({ variables: { A: 'file', B: 'file' } })])
    expect(resolved.values.variables).toEqual({ A: 'flag', B: 'file' })
    const rows = resolved.explain('agent').filter(({ key }) => key.startsWith('variables'))
    expect(rows.map(({ key, value, source }) => [key, value, source])).toEqual([
      ['variables.A', 'flag', '--variable'],
      ['variables.B', 'file', '/x/iron_cage.yaml'],
    ])
  })
})
