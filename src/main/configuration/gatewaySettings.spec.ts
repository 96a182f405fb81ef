import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { environmentLayer, fileLayer, flagLayer, requestLayer } from './layers.ts'
import { resolveLayers } from './resolvedSettings.ts'
import { dereference, referredVariable } from './secretReference.ts'
import { roomValues, secretVariables, settingOf, type SettingKey } from './settings.ts'

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
    return (error as AppError).message
  }
  throw new Error('It was accepted.')
}

const fromFile = (values: Record<string, unknown>) => fileLayer({ path: '/d/settings.yaml', values, lineOf: () => 3 }, 'user settings')
const fromVariable = (key: SettingKey, text: string) => environmentLayer({ [`IRON_CAGE_${key.toUpperCase()}`]: text })

describe('a setting of the gateway', () => {
  const accepted: [SettingKey, string, unknown][] = [
    ['provider', 'simulated', 'simulated'],
    ['upstream_openai', 'http://127.0.0.1:9999/v1', 'http://127.0.0.1:9999/v1'],
    ['upstream_openai', 'https://models.example.com/v1//', 'https://models.example.com/v1'],
    ['upstream_anthropic', 'http://127.0.0.1:9999', 'http://127.0.0.1:9999'],
    ['at_limit', 'end', 'end'],
    ['park_for', '5s', 5_000],
    ['park_for', '60m', 3_600_000],
    ['unknown_model', 'ceiling', 'ceiling'],
    ['baseline', '0.89', 890_000_000],
    ['simulated_seed', '4294967295', 4_294_967_295],
    ['simulated_delay', '200ms', 200],
    ['simulated_failures', 'cut@2', [{ kind: 'cut', at: 2, times: 1 }]],
    [
      'simulated_failures',
      'rate-limit@34x5/2s, malformed@7',
      [
        { kind: 'rate-limit', at: 34, times: 5, retryAfterMs: 2_000 },
        { kind: 'malformed', at: 7, times: 1 },
      ],
    ],
    ['prices', 'prices.yaml', 'prices.yaml'],
    ['alert_email', 'ada@example.com', 'ada@example.com'],
    ['smtp_server', 'smtp://mail.example.com:2525', 'smtp://mail.example.com:2525'],
    ['smtp_server', 'smtps://mail.example.com', 'smtps://mail.example.com'],
    ['smtp_user', 'ada@example.com', 'ada@example.com'],
    ['smtp_user', 'env:MAIL_USER', 'env:MAIL_USER'],
    ['smtp_password', 'env:MAIL_PASSWORD', 'env:MAIL_PASSWORD'],
    ['alert_webhook', 'https://hooks.example.com/services/T0/B0', 'https://hooks.example.com/services/T0/B0'],
    ['alert_webhook', 'env:HOOK', 'env:HOOK'],
    ['alert_webhook_secret', 'env:HOOK_SECRET', 'env:HOOK_SECRET'],
  ]
  it.each(accepted)('%s is read from the text %j', (key, text, value) => {
    expect(fromVariable(key, text).said.get(key)?.value).toEqual(value)
    const written: Partial<Record<SettingKey, unknown>> = { simulated_failures: text.split(', '), simulated_seed: Number(text) }
    expect(fromFile({ [key]: written[key] ?? text }).said.get(key)?.value).toEqual(value)
  })

  it('lets failures stand on many flags, and be given whole', () => {
    const failures = [
      { kind: 'cut', at: 2, times: 3 },
      { kind: 'time-out', at: 9, times: 1 },
    ]
    expect(flagLayer({ simulated_failures: ['cut@2x3', 'time-out@9'] }).said.get('simulated_failures')?.value).toEqual(failures)
    expect(requestLayer({ simulated_failures: failures }).said.get('simulated_failures')?.value).toEqual(failures)
    expect(requestLayer({ simulated_failures: [{ kind: 'cut', times: 1 }] }).said.get('simulated_failures')?.value).toEqual([{ kind: 'cut', at: 1, times: 1 }])
  })

  it.each([['cut@2'], ['cut@2x3'], ['rate-limit@34x5/2s'], ['rate-limit@1/1500ms'], ['openai:server-error@1x9']])('shows the failure %s as it was written', (text) => {
    const { kind } = settingOf('simulated_failures')
    expect(kind.show(kind.schema.parse([text]))).toEqual([text])
  })

  it.each(['upstream_openai', 'upstream_anthropic', 'at_limit', 'baseline'] as const)('%s may be told to be nothing, against a lower layer', (key) => {
    const lower = fromFile({ [key]: { upstream_openai: 'http://127.0.0.1:1', upstream_anthropic: 'http://127.0.0.1:1', at_limit: 'end', baseline: 1 }[key] })
    expect(resolveLayers([lower]).values[key]).not.toBeNull()
    expect(resolveLayers([requestLayer({ [key]: null }), lower]).values[key]).toBeNull()
  })

  it('shows of a webhook only who gets it', () => {
    const resolved = resolveLayers([fromFile({ alert_webhook: 'https://hooks.example.com/services/T0/invented' })])
    expect(resolved.explain('room').find(({ key }) => key === 'alert_webhook')?.value).toBe('https://hooks.example.com/…')
    expect(resolveLayers([fromFile({ alert_webhook: 'env:HOOK' })]).explain('room').find(({ key }) => key === 'alert_webhook')?.value).toBe('env:HOOK')
  })
})

describe('a setting of the gateway that is wrong', () => {
  const url = 'a base URL with http or https and without user name, query or fragment, such as http://127.0.0.1:9999/v1'
  const time = 'a number of seconds up to 3600, or a time such as 5s, 500ms or 2m'
  const failure =
    '[PROVIDER:]KIND@N[xTIMES][/RETRY_AFTER], such as rate-limit@34x5/2s: PROVIDER is openai or anthropic, KIND is rate-limit, server-error, time-out, cut, malformed, ' +
    'N the attempt from 1 on, TIMES at most 10000, and RETRY_AFTER a time that only a rate-limit has'
  const mail = 'one mail address, such as ada@example.com'
  const server = 'smtp://HOST:PORT or smtps://HOST:PORT without user name and password, which are settings of their own'
  const reference =
    'a reference such as env:NAME to the environment variable that holds it, for what stands in a file in the clear is read by every copy of the file'
  const orReference = 'or a reference such as env:NAME to the environment variable that holds it'
  const hook = `a URL with http or https and without user name, ${orReference}`
  const hidden = 'something else (not shown here)'
  const refused: [SettingKey, string, string, string][] = [
    ['provider', 'openai', '"openai"', 'one of auto, simulated or live'],
    ['upstream_openai', '', '""', url],
    ['upstream_openai', 'api.example.com/v1', '"api.example.com/v1"', url],
    ['upstream_openai', 'ftp://example.com', '"ftp://example.com"', url],
    ['upstream_openai', 'https://example.com/v1?key=1', '"https://example.com/v1?key=1"', url],
    ['upstream_openai', 'https://example.com/v1#x', '"https://example.com/v1#x"', url],
    ['upstream_openai', 'https://example.com/v1?', '"https://example.com/v1?"', url],
    ['upstream_openai', 'https://exa mple.com', '"https://exa mple.com"', url],
    ['upstream_anthropic', 'https://ada:sk-invented@example.com', hidden, url],
    ['at_limit', 'stop', '"stop"', 'one of ask or end'],
    ['park_for', '61m', '"61m"', time],
    ['unknown_model', 'free', '"free"', 'one of refuse or ceiling'],
    ['baseline', '0', '"0"', 'an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25'],
    ['simulated_seed', '-1', '"-1"', 'a whole number from 0 to 4294967295'],
    ['simulated_delay', 'long', '"long"', time],
    ['prices', '', '""', 'the path of a YAML or JSON file with prices'],
    ['alert_email', 'ada@example.com, bob@example.com', '"ada@example.com, bob@example.com"', mail],
    ['alert_email_from', 'Ada', '"Ada"', mail],
    ['smtp_server', 'mail.example.com', '"mail.example.com"', server],
    ['smtp_server', 'http://mail.example.com', '"http://mail.example.com"', server],
    ['smtp_server', 'smtp://mail.example.com/inbox', '"smtp://mail.example.com/inbox"', server],
    ['smtp_server', 'smtp://ada:invented@mail.example.com', hidden, server],
    ['smtp_user', '', '""', `a name, ${orReference}`],
    ['smtp_password', 'invented', hidden, reference],
    ['smtp_password', 'env:', hidden, reference],
    ['smtp_password', 'env:TWO WORDS', hidden, reference],
    ['alert_webhook', 'hooks.example.com/services/invented', hidden, hook],
    ['alert_webhook', 'https://ada:invented@hooks.example.com/', hidden, hook],
    ['alert_webhook_secret', 'invented', hidden, reference],
  ]
  it.each(refused)('%s is refused when it is %j', (key, text, shown, allowed) => {
    const { variable, flag } = settingOf(key)
    expect(messageOf(() => fromVariable(key, text))).toBe(`${variable} is ${shown}, but must be ${allowed}.`)
    if (flag !== null) expect(messageOf(() => flagLayer({ [key]: text }))).toBe(`--${flag} is ${shown}, but must be ${allowed}.`)
    if (key !== 'simulated_seed') expect(messageOf(() => fromFile({ [key]: text }))).toBe(`/d/settings.yaml, line 3: ${key} is ${shown}, but must be ${allowed}.`)
  })

  it.each(['limit@3', 'cut', 'cut@', 'cut@0', 'cut@1x0', 'cut@1x10001', 'cut@2/5s', 'mistral:cut@2', ':cut@2', 'rate-limit@2/soon', 'rate-limit@2/2h', 'Cut@1'])(
    'the failure %s is named with its place and the grammar',
    (item) => {
      const sentence = `is "${item}", but must be ${failure}.`
      expect(messageOf(() => fromVariable('simulated_failures', `cut@1,${item}`))).toBe(`IRON_CAGE_SIMULATED_FAILURES.1 ${sentence}`)
      expect(messageOf(() => flagLayer({ simulated_failures: [item] }))).toBe(`--simulated-failures ${sentence}`)
      expect(messageOf(() => fromFile({ simulated_failures: ['cut@1', item] }))).toBe(`/d/settings.yaml, line 3: simulated_failures.1 ${sentence}`)
    },
  )

  it('is refused in an agent file when it is about the whole room', () => {
    const file = { path: '/x/iron_cage.yaml', values: { smtp_password: 'env:X' }, lineOf: () => 3 }
    expect(messageOf(() => fileLayer(file, 'agent file'))).toBe(
      '/x/iron_cage.yaml, line 3: smtp_password is about the whole room and belongs into settings.yaml.',
    )
  })
})

describe('a reference', () => {
  const environment = { HOOK: 'https://hooks.example.com/T0', EMPTY: '' }

  it('leads to what its variable holds, and to nothing where that is missing or empty', () => {
    expect(dereference('env:HOOK', environment)).toBe('https://hooks.example.com/T0')
    expect(dereference('env:EMPTY', environment)).toBeNull()
    expect(dereference('env:MISSING', environment)).toBeNull()
    expect(dereference('plain', environment)).toBe('plain')
    expect(dereference(null, environment)).toBeNull()
  })

  it('names its variable', () => {
    expect(referredVariable('env:HOOK')).toBe('HOOK')
    expect(referredVariable('plain')).toBeNull()
    expect(referredVariable(null)).toBeNull()
  })

  it('is withheld from agents by its variable', () => {
    const { values } = resolveLayers([fromFile({ smtp_user: 'ada', smtp_password: 'env:A', alert_webhook: 'env:B', alert_webhook_secret: 'env:C' })])
    expect(secretVariables(roomValues(values))).toEqual(['A', 'B', 'C'])
  })
})
