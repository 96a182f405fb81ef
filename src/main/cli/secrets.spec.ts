import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestUser, everyFile, type EndedCommand, type TestUser } from './testCommandLine.ts'

const KEY = '0123456789abcdef'.repeat(4)
const OTHER_KEY = 'fedcba9876543210'.repeat(4)
const VALUE = 'sk-proj-invented0123456789abcdefghijklmnopqrstuvwABCDEFGHxyz'
const environment = { IRON_SECRETS_MASTER_KEY: KEY }

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

const run = (...args: string[]): Promise<EndedCommand> => user.run(['secrets', ...args], { environment })

/** With this on standard input. */
async function send(input: string, args: readonly string[], variables: Record<string, string> = environment): Promise<EndedCommand> {
  const command = user.start(['secrets', ...args], { input: 'pipe', environment: variables })
  command.child.stdin?.end(input)
  return command.ended
}

describe('iron_cage secrets', () => {
  it('keeps a secret from standard input, lists it masked, and prints it where that is asked for', async () => {
    expect(await send(`${VALUE}\n`, ['add', 'OPENAI_API_KEY', '--env', 'production'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^OPENAI_API_KEY is kept for production as secret-[0-9a-f]{12}\n$/) as string, stderr: '' })
    const list = await run('list')
    expect(list.stdout).toContain('sk-proj-inv...xyz')
    expect(list.stdout).not.toContain(VALUE)
    expect(await run('get', 'OPENAI_API_KEY')).toMatchObject({ code: 0, stdout: 'sk-proj-inv...xyz\n' })
    expect(await run('get', 'OPENAI_API_KEY', '--reveal')).toMatchObject({ code: 0, stdout: `${VALUE}\n` })
    const audit = (await run('audit', 'OPENAI_API_KEY')).stdout
    for (const operation of ['CREATE', 'READ', 'REVEAL']) expect(audit).toContain(operation)
  })

  it('takes no value from the command line', async () => {
    const { code, stderr } = await run('add', 'OPENAI_API_KEY', VALUE)
    expect(code).toBe(2)
    expect(stderr).toContain('never stands on the command line')
    expect(stderr).not.toContain(VALUE)
  })

  it.each([
    [['get', 'DB_PASSWORD', '1'], 'get'],
    [['delete', 'DB_PASSWORD', '1'], 'delete'],
    [['list', 'production'], 'list'],
    [['rekey', VALUE], 'rekey'],
  ])('does nothing where a word is one too many: %j', async (args, what) => {
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: `iron_cage: There is one word too many for iron_cage secrets ${what} (not shown here); see iron_cage secrets --help.\n` })
    expect(user.hasDataFolder()).toBe(false)
  })

  it('updates, rolls back, deletes and restores', async () => {
    await send('an invented value', ['add', 'DB_PASSWORD'])
    expect((await send('line one\nline two\n', ['update', 'DB_PASSWORD'])).stdout).toBe('DB_PASSWORD in development has version 2 now\n')
    expect((await run('get', 'DB_PASSWORD', '--reveal')).stdout).toBe('line one\nline two\n')
    expect((await run('versions', 'DB_PASSWORD')).stdout).toMatch(/^2 .*current$/m)
    expect((await run('rollback', 'DB_PASSWORD', '1')).stdout).toBe('DB_PASSWORD in development has the value of version 1 again, as version 3\n')
    expect((await run('get', 'DB_PASSWORD', '--reveal')).stdout).toBe('an invented value\n')
    expect((await run('delete', 'DB_PASSWORD')).stdout).toContain('iron_cage secrets restore secret-')
    expect(await run('get', 'DB_PASSWORD')).toMatchObject({ code: 66 })
    expect((await run('list', '--deleted')).stdout).toContain('DB_PASSWORD')
    expect((await run('restore', 'DB_PASSWORD')).stdout).toBe('DB_PASSWORD in development is back\n')
  })

  it('imports and exports', async () => {
    const file = user.write('some.env', '# invented\nexport FIRST_KEY=one\nSECOND_KEY="two\nlines" # more\n')
    expect((await run('import', file, '--env', 'staging')).stdout).toBe('2 secrets for staging: 2 added, 0 updated, 0 kept as they were\n')
    expect((await run('import', file, '--env', 'staging')).stdout).toContain('2 kept as they were')
    expect(await run('export', '--env', 'staging')).toMatchObject({ code: 2 })
    expect(await run('export', '--env', 'staging', '--reason', 'an invented reason')).toMatchObject({ code: 0, stdout: 'FIRST_KEY=one\nSECOND_KEY=\'two\nlines\'\n' })
    const exported = (await run('export', '--env', 'staging', '--format', 'kv2', '--reason', 'an invented reason')).stdout
    expect(JSON.parse(exported)).toEqual({ data: { FIRST_KEY: 'one', SECOND_KEY: 'two\nlines' } })
    expect((await send(exported, ['import', '-', '--env', 'production'])).stdout).toContain('2 added')
  })

  it('tells whoever attends a run that it has a new value, and how it got it', async () => {
    await send(VALUE, ['add', 'OPENAI_API_KEY'])
    user.write('waits.py', 'import os\nprint("ready", flush=True)\nold = os.environ["OPENAI_API_KEY"]\nwhile os.environ["OPENAI_API_KEY"] == old: __import__("time").sleep(0.05)\n')
    const attended = user.start(['start', 'waits.py', '--provider', 'simulated', '--restart', 'never'], { environment: { IRON_SECRETS_MASTER_KEY: KEY } })
    await attended.until('stdout', /ready/)
    expect((await send(`${VALUE}-again`, ['update', 'OPENAI_API_KEY'])).stdout).toMatch(/^OPENAI_API_KEY in development has version 2 now\n\S+: (applied|told)\n$/)
    const { code, stderr } = await attended.ended
    expect([code, stderr]).toEqual([0, expect.stringMatching(/OPENAI_API_KEY \(development\) has another value: 1 of 1 running agents (?:have it|were told of it)\./)])
    expect(stderr).not.toContain(VALUE)
  })

  it('gives the audit out, as lines and as a table, with the chain, and without a value', async () => {
    await send(VALUE, ['add', 'OPENAI_API_KEY'])
    await run('get', 'OPENAI_API_KEY', '--reveal')
    const lines = (await user.run(['audit', 'export', 'secrets'], { environment: { IRON_SECRETS_MASTER_KEY: KEY } })).stdout
    const entries = lines.trimEnd().split('\n').map((line) => JSON.parse(line) as { chain: { place: number; hash: string }; operation: string; secret_name: string; requester: string })
    expect(entries.map(({ chain: { place }, operation, secret_name: name, requester }) => [place, operation, name, requester])).toEqual([[1, 'CREATE', 'OPENAI_API_KEY', 'owner'], [2, 'REVEAL', 'OPENAI_API_KEY', 'owner']])
    const table = (await user.run(['audit', 'export', 'secrets', '--csv'], { environment: { IRON_SECRETS_MASTER_KEY: KEY } })).stdout
    const [head, , second] = table.split('\r\n')
    expect(head).toBe('id,timestamp,secret_name,operation,requester_role,requester,agent_id,success,error_message,chain_hash')
    expect(second).toMatch(new RegExp(`^2,[0-9T:.-]+Z,OPENAI_API_KEY,REVEAL,admin,owner,,true,,${entries[1]?.chain.hash ?? ''}$`))
    for (const text of [lines, table]) expect(text).not.toContain(VALUE)
    expect(await user.run(['audit', 'export', 'nonsense'])).toMatchObject({ code: 2, stderr: 'iron_cage: iron_cage audit export knows safety and secrets, not "nonsense".\n' })
    expect(await user.run(['audit', 'verify', 'secrets'])).toMatchObject({ code: 2, stderr: 'iron_cage: "secrets" is one word too many for iron_cage audit verify.\n' })
  })

  it('says without any key which three ways there are, and goes on reading the rest', async () => {
    await send(VALUE, ['add', 'OPENAI_API_KEY'])
    const { code, stderr } = await user.run(['secrets', 'get', 'OPENAI_API_KEY', '--reveal'])
    expect(code).toBe(2)
    for (const way of ['IRON_SECRETS_MASTER_KEY', 'keychain', 'IRON_SECRETS_PASSPHRASE']) expect(stderr).toContain(way)
    expect(await user.run(['secrets', 'list'])).toMatchObject({ code: 0, stdout: expect.stringContaining('OPENAI_API_KEY') as string })
    expect(await user.run(['list'])).toMatchObject({ code: 0 })
    expect(await user.run(['secrets', 'get', 'OPENAI_API_KEY', '--reveal'], { environment: { IRON_SECRETS_MASTER_KEY: OTHER_KEY } })).toMatchObject({ code: 2, stderr: expect.stringContaining('another master key') as string })
  })

  it('are not needed to run an agent; where its environment has some, or its file names one, the agent does not start without a key', async () => {
    user.write('agent.sh', '#!/bin/sh\necho hello\n', 0o755)
    const start = (...args: string[]): Promise<EndedCommand> => user.run(['start', 'agent.sh', ...args])
    expect(await start()).toMatchObject({ code: 0, stdout: 'hello\n' })
    user.write('named.yaml', 'secrets: [OPENAI_API_KEY]\n')
    const named = await start('--config', 'named.yaml')
    await send(VALUE, ['add', 'OPENAI_API_KEY', '--env', 'production'])
    const stored = await start('--env', 'production')
    for (const { code, stdout, stderr } of [named, stored]) {
      expect([code, stdout]).toEqual([2, ''])
      for (const way of ['IRON_SECRETS_MASTER_KEY', 'keychain', 'IRON_SECRETS_PASSPHRASE']) expect(stderr).toContain(way)
    }
    expect(await start('--env', 'staging')).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(await user.run(['start', 'agent.sh', '--env', 'production'], { environment })).toMatchObject({ code: 0, stdout: 'hello\n' })
  })

  it('makes a key file that a passphrase opens, once, and never by itself', async () => {
    const passphrase = { IRON_SECRETS_PASSPHRASE: 'an invented passphrase' }
    expect(await send(VALUE, ['add', 'OPENAI_API_KEY'], passphrase)).toMatchObject({ code: 2 })
    const file = join(user.dataFolder, 'master.key')
    expect(await user.run(['secrets', 'init'], { environment: passphrase })).toMatchObject({ code: 0, stdout: `The master key lies in ${file}, sealed with the passphrase.\n` })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await user.run(['secrets', 'init'], { environment: passphrase })).toMatchObject({ code: 75 })
    expect(await send(VALUE, ['add', 'OPENAI_API_KEY'], passphrase)).toMatchObject({ code: 0 })
    expect(await user.run(['secrets', 'rekey'], { environment: passphrase })).toMatchObject({ code: 0, stdout: 'The master key is changed; 1 value sealed anew. The old key opens nothing any more.\n' })
    expect(await user.run(['secrets', 'get', 'OPENAI_API_KEY', '--reveal'], { environment: passphrase })).toMatchObject({ code: 0, stdout: `${VALUE}\n` })
    expect(await user.run(['secrets', 'get', 'OPENAI_API_KEY', '--reveal'], { environment: { IRON_SECRETS_PASSPHRASE: 'another invented one' } })).toMatchObject({ code: 2, stderr: expect.stringContaining('passphrase does not open') as string })
    expect(await user.run(['secrets', 'list'], { environment: passphrase })).toMatchObject({ code: 0 })
    expect(await user.run(['audit', 'verify'], { environment: passphrase })).toMatchObject({ code: 0, stdout: expect.stringContaining('The audit of secrets is as it was written') as string, stderr: '' })
  })

  it('leaves no value in any file of the data folder', async () => {
    await send(VALUE, ['add', 'OPENAI_API_KEY'])
    await send(`${VALUE}-again`, ['update', 'OPENAI_API_KEY'])
    await run('get', 'OPENAI_API_KEY', '--reveal')
    await run('export', '--env', 'development', '--reason', `because of ${VALUE}`)
    for (const file of everyFile(user.dataFolder)) {
      const contents = readFileSync(file)
      for (const needle of [VALUE, KEY, VALUE.slice(12, 40)]) expect(contents.includes(needle), file).toBe(false)
      expect(contents.includes(Buffer.from(KEY, 'hex')), file).toBe(false)
    }
  })
})
