import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commands } from '../../shared/contract/contract.ts'
import type { CommandHandlers } from '../router/router.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { parseEnvFile } from './envFile.ts'
import { parseKeyValueJson } from './keyValueJson.ts'
import { requireHarmlessName } from './requireName.ts'
import { secretHandlers } from './secretHandlers.ts'
import { openTestStore, type TestStore } from './testStore.ts'

const folders = useTestFolders()
const OWNER = { role: 'admin', id: 'owner' } as const

let test: TestStore
let handlers: Pick<CommandHandlers, 'secret.import' | 'secret.export' | 'secret.list'>
beforeEach(async () => {
  test = await openTestStore(folders.make())
  handlers = secretHandlers({
    store: test.store,
    secrets: test.state.secrets,
    bus: { latest: () => 0 },
    runOf: () => null,
    secretsOf: () => Promise.reject(new Error('nobody runs')),
    rotate: async () => [],
    probe: async () => null,
    verifyPassword: async () => null,
    redact: (text) => text,
  })
})
afterEach(() => test.close())

const imported = async (text: string, format: 'env' | 'kv2' = 'env', overwrite = false) => handlers['secret.import']({ environment: 'staging', format, text, overwrite }, OWNER)
const names = async (): Promise<string[]> => (await handlers['secret.list']({ environment: 'staging', deleted: false }, OWNER)).secrets.map(({ name }) => name)
async function exported(): Promise<[string, string][]> {
  const { text } = await handlers['secret.export']({ environment: 'staging', format: 'kv2', reason: 'an invented reason' }, OWNER)
  return parseKeyValueJson(text)
}

describe('an export', () => {
  it('that no .env file can hold gives nothing out, and the audit does not say that it did', async () => {
    await imported('{"data": {"FIRST_KEY": "an invented value", "WITH_NUL": "a\\u0000b"}}', 'kv2')
    const given = handlers['secret.export']({ environment: 'staging', format: 'env', reason: 'an invented reason' }, OWNER)
    await expect(given).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('WITH_NUL') as string })
    expect((await test.audited()).filter((row) => row.startsWith('EXPORT'))).toEqual(['EXPORT WITH_NUL admin !'])
    expect(await exported()).toEqual([['FIRST_KEY', 'an invented value'], ['WITH_NUL', 'a\0b']])
  })
})

describe('a .env file of somebody else', () => {
  it.each<[what: string, text: string, pairs: [string, string][]]>([
    ['leaves what looks like another variable as it is', 'A=$HOME\nB="$HOME ${A} $(id)"\nC=`id`\nD=\'${A}\'', [['A', '$HOME'], ['B', '$HOME ${A} $(id)'], ['C', 'id'], ['D', '${A}']]],
    ['ends its lines as Windows does, within a value too', '\ufeffA="one\r\ntwo"\r\nexport\tB=2\r\n# x\r\n', [['A', 'one\r\ntwo'], ['B', '2']]],
    ['gives a name twice: the last one holds', 'A=first\nA=second', [['A', 'first'], ['A', 'second']]],
    ['has a key of many lines', 'A="-----BEGIN X-----\nMII=\n-----END X-----\n"\nB=1', [['A', '-----BEGIN X-----\nMII=\n-----END X-----\n'], ['B', '1']]],
    ['has quotes of another kind within', 'A="it\'s `so`"\nB=\'say "so"\'\nC=a"b\'c', [['A', 'it\'s `so`'], ['B', 'say "so"'], ['C', 'a"b\'c']]],
    ['calls a variable like something of JavaScript', '__proto__=a\nconstructor=b\ntoString=c', [['__proto__', 'a'], ['constructor', 'b'], ['toString', 'c']]],
  ])('that %s', (_what, text, pairs) => {
    expect(parseEnvFile(text)).toEqual(pairs)
  })

  it.each([
    ['blanks within a value', `A=x${' '.repeat(1_000_000)}y`],
    ['number signs', `A=${'#'.repeat(1_000_000)}`],
    ['blanks before a name', `${' '.repeat(1_000_000)}A=1`],
    ['backslashes', `A="${'\\\\'.repeat(500_000)}"`],
    ['empty lines', `${'\n'.repeat(1_000_000)}A=1`],
  ])('of a million %s is read at once', (_what, text) => {
    expect(parseEnvFile(text)).toHaveLength(1)
  })

  it('comes in and out as it was, whatever its names are', async () => {
    expect(await imported('toString=one\nvalueOf=two\n_=three\n__proto__=four\nlower_case=five')).toMatchObject({ created: ['toString', 'valueOf', '_', '__proto__', 'lower_case'] })
    expect(new Map(await exported())).toEqual(new Map([['toString', 'one'], ['valueOf', 'two'], ['_', 'three'], ['__proto__', 'four'], ['lower_case', 'five']]))
  })

  it.each([
    ['a name with a dot', 'A=1\nB.C=2', 'env'],
    ['a name of ours', 'A=1\nIRON_SECRETS_MASTER_KEY=2', 'env'],
    ['a name that the loader acts on', 'A=1\nLD_PRELOAD=/invented.so', 'env'],
    ['a name that Python acts on', 'A=1\nPythonPath=/invented', 'env'],
    ['a name that Node acts on', '{"A": "1", "NODE_OPTIONS": "--require=/invented"}', 'kv2'],
    ['the way to the gateway', 'A=1\nOPENAI_BASE_URL=https://evil.test', 'env'],
    ['a name of control characters', '{"A": "1", "B\\u0000C": "2"}', 'kv2'],
    ['a name with a newline', '{"A": "1", "B\\nC": "2"}', 'kv2'],
    ['no value', 'A=1\nB=', 'env'],
    ['a value that is too large', `A=1\nB=${'x'.repeat(65_537)}`, 'env'],
    ['a value that is too large in bytes', `A=1\nB=${'ü'.repeat(32_769)}`, 'env'],
    ['half a character', '{"A": "1", "B": "\\ud800"}', 'kv2'],
    ['a list', '{"A": "1", "B": ["2"]}', 'kv2'],
    ['an object', '{"A": "1", "B": {"C": "2"}}', 'kv2'],
    ['nothing at all', '{"A": "1", "B": null}', 'kv2'],
    ['a million nests', `{"A": ${'['.repeat(900_000)}${']'.repeat(900_000)}}`, 'kv2'],
    ['more than anybody has', Array.from({ length: 1_001 }, (_none, index) => `A_${index}=1`).join('\n'), 'env'],
  ] as const)('with %s is refused as a whole, without its values', async (_what, text, format) => {
    const problem = (await imported(text, format).then(() => null, (error: unknown) => error)) as { code?: string; message: string } | null
    expect(['INVALID_INPUT', 'TOO_LARGE']).toContain(problem?.code)
    for (const value of ['/invented', 'evil.test', 'xxxx', 'üü']) expect(problem?.message).not.toContain(value)
    expect(await names()).toEqual([])
  })

  it('takes the nests that a KV-v2 store prints, and no others', () => {
    const wanted = [['A', '1'], ['B', 'true']]
    for (const nested of [{ A: '1', B: true }, { data: { A: '1', B: true } }, { data: { data: { A: '1', B: true }, metadata: { version: 3 } }, request_id: 'x' }, { data: { data: { A: '1', B: true }, metadata: {} } }]) {
      expect(parseKeyValueJson(JSON.stringify(nested))).toEqual(wanted)
    }
    expect(parseKeyValueJson('{"data": "a secret that is called so"}')).toEqual([['data', 'a secret that is called so']])
    for (const wrong of ['[]', '"A"', '7', 'null', '', '{"data": {"data": {"A": "1"}}}']) expect(() => parseKeyValueJson(wrong), wrong).toThrow()
  })
})

describe('a name', () => {
  it.each(['PATH', 'Path', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'DYLD_INSERT_LIBRARIES', 'PYTHONPATH', 'PYTHONSTARTUP', 'NODE_OPTIONS', 'BASH_ENV', 'PERL5OPT', 'RUBYOPT', 'JAVA_TOOL_OPTIONS', 'GIT_SSH_COMMAND', 'OPENAI_API_BASE', 'ANTHROPIC_BASE_URL'])('%s is refused with a sentence', (name) => {
    expect(() => requireHarmlessName(name)).toThrow(`${name} cannot be a secret: `)
  })

  it.each(['OPENAI_API_KEY', 'GITHUB_TOKEN', 'HTTPS_PROXY', 'PATH_TO_KEY', 'DATABASE_URL', 'PYTHON_KEY', 'NODE_AUTH_TOKEN', 'HOME_KEY', 'LDAP_PASSWORD'])('%s is taken', (name) => {
    expect(() => requireHarmlessName(name)).not.toThrow()
  })
})

describe('a host', () => {
  const { input } = commands['secret.create']
  const fits = (host: string): boolean => input.safeParse({ name: 'A', value: 'x', environment: 'staging', hosts: [host] }).success

  it.each(['api.openai.com', 'localhost', '127.0.0.1:4000', '[::1]:8080', '[::1]', '*.example.com', 'my_host.internal'])('%s is taken', (host) => {
    expect(fits(host)).toBe(true)
  })

  // Each of them would fit no host at all, or too many.
  it.each(['', '*', '*.com', '*.', '.example.com', 'https://api.openai.com', 'api.openai.com/v1', 'user@host', 'a b', 'host:', 'host:port', 'a\r\nb', 'ex*mple.com', `${'a.'.repeat(200)}com`])('%j is not', (host) => {
    expect(fits(host)).toBe(false)
  })
})
