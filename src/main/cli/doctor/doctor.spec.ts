import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findApplication } from '../../application.ts'
import { createLaunchPlanner } from '../../configuration/launchPlanner.ts'
import { createPrograms } from '../../configuration/programs.ts'
import { resolveLayers } from '../../configuration/resolvedSettings.ts'
import { roomValues, type RoomValues } from '../../configuration/settings.ts'
import { createKeyFile } from '../../secrets/keyFile.ts'
import { openRoomKeys } from '../../secrets/roomKeys.ts'
import { openState } from '../../state/openState.ts'
import { systemClock } from '../../systemPorts.ts'
import { createTestUser, filesIn, type TestUser } from '../testCommandLine.ts'
import { checkAlerts } from './alerts.ts'
import { checkDataFolder } from './dataFolder.ts'
import { checkDatabase } from './database.ts'
import { checkDisk, judgeDisk } from './disk.ts'
import { checkDisplay } from './display.ts'
import { checkElectron } from './electron.ts'
import type { Finding, Patient } from './finding.ts'
import { checkKeyring, judgeKeyring } from './keyring.ts'
import { examineMasterKey } from './masterKey.ts'
import { checkModels } from './models.ts'
import { judgeNode } from './node.ts'
import { checkPort } from './port.ts'
import { checkPython } from './python.ts'
import { createTerminalCheck } from './terminal.ts'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

function patient(changes: Partial<Patient> = {}): Patient {
  const environment = changes.environment ?? user.environment
  return {
    environment,
    platform: 'linux',
    dataFolder: user.dataFolder,
    applicationFolder: findApplication().folder,
    settings: settingsWith(0, false),
    agentSettings: () => createLaunchPlanner({ environment, dataFolder: user.dataFolder, platform: 'linux' }).explain(),
    programs: createPrograms(environment, 'linux'),
    ...changes,
  }
}

function settingsWith(port: number, isPortChosen: boolean): Patient['settings'] {
  return { values: { ...roomValues(resolveLayers([]).values), port }, settings: [], leastSeverity: 'INFO', isPortChosen }
}

describe('doctor looks at Node.js', () => {
  it.each([
    ['24.21.0', 'ok'],
    ['24.0.0', 'ok'],
    ['22.18.0', 'problem'],
    ['20.20.2', 'problem'],
  ])('%s is %s', (version, state) => {
    expect(judgeNode(version, '/bin/node')).toMatchObject({ state, message: `version ${version} at /bin/node` })
  })
})

describe('doctor looks at who answers', () => {
  const HERE = 'http://127.0.0.1:9999/v1'
  it.each([
    [{}, 'ok', 'answers are simulated (no API key is known)', null],
    [{ OPENAI_API_KEY: 'sk-invented-1' }, 'ok', 'calls go to the providers (known keys: OPENAI_API_KEY)', null],
    [{ OPENAI_API_KEY: 'sk-invented-1', IRON_CAGE_PROVIDER: 'simulated' }, 'ok', 'answers are simulated (known keys: OPENAI_API_KEY)', null],
    [{ OPENAI_BASE_URL: HERE }, 'ok', 'calls go to the providers (no API key is known; openai at 127.0.0.1:9999)', null],
    [
      { IRON_CAGE_PROVIDER: 'live' },
      'warning',
      'calls go to the providers, but no API key is known',
      'Set OPENAI_API_KEY or ANTHROPIC_API_KEY; agents that bring their own key work without.',
    ],
  ])('given %j', async (environment, state, message, advice) => {
    const finding = await checkModels(patient({ environment: environment as Record<string, string> }))
    expect(finding).toEqual({ name: 'LLM', state, message, advice })
  })

  it('and at an address that is none', async () => {
    const finding = await checkModels(patient({ environment: { OPENAI_BASE_URL: 'nonsense' } }))
    expect(finding).toMatchObject({ state: 'problem', message: expect.stringMatching(/^OPENAI_BASE_URL is "nonsense"/) as string })
  })
})

describe('doctor looks at prices', () => {
  it.each([
    ['{ gpt-unheard-of: { contextTokens: 8000, mostOutputTokens: 4000, prices: { input: "1", output: "2" } } }', 'ok', /prices\.yaml, laid over those/],
    ['{ gpt-unheard-of: { contextTokens: 8000 } }', 'problem', /prices\.yaml\["gpt-unheard-of"\]/],
    [null, 'problem', /^There is no price file .*prices\.yaml/],
  ])('given %s', async (text, state, message) => {
    const file = text === null ? join(user.folder, 'prices.yaml') : user.write('prices.yaml', text)
    const { stdout, code } = await user.run(['doctor', '--port', '0', '--prices', file])
    const line = /^(\w+) +Prices +(.*)$/m.exec(stdout)
    expect([line?.[1], code]).toEqual([state, state === 'ok' ? 0 : 1])
    expect(line?.[2]).toMatch(message)
  })
})

describe('doctor looks at alerts', () => {
  const mail = { alert_email: 'ada@example.com', smtp_server: 'smtp://mail.example.com:2525' }
  const cases: [Partial<RoomValues>, string, string][] = [
    [{}, 'ok', 'none are set up'],
    [mail, 'ok', 'mail to ada@example.com over mail.example.com:2525'],
    [{ alert_webhook: 'env:HOOK', alert_webhook_secret: 'env:SECRET' }, 'ok', 'posts to hooks.example.com'],
    [{ alert_email: mail.alert_email }, 'problem', 'alert_email is set, but smtp_server is not'],
    [{ smtp_server: mail.smtp_server }, 'problem', 'smtp_server is set, but alert_email is not'],
    [{ ...mail, smtp_user: 'ada' }, 'problem', 'smtp_user is set, but smtp_password is not'],
    [{ ...mail, smtp_password: 'env:SECRET' }, 'problem', 'smtp_password is set, but smtp_user is not'],
    [{ ...mail, smtp_user: 'ada', smtp_password: 'env:GONE' }, 'problem', 'smtp_password refers to GONE, which is not in the environment'],
    [{ alert_webhook_secret: 'env:SECRET' }, 'problem', 'alert_webhook_secret is set, but alert_webhook is not'],
  ]
  it.each(cases)('given %j', async (values, state, message) => {
    const settings = settingsWith(0, false)
    const environment = { HOOK: 'https://hooks.example.com/services/invented', SECRET: 'invented' }
    const finding = await checkAlerts(patient({ environment, settings: { ...settings, values: { ...settings.values, ...values } } }))
    expect(finding).toMatchObject({ name: 'Alerts', state, message })
    expect(JSON.stringify(finding)).not.toContain('invented')
  })
})

describe('doctor looks at Python', () => {
  it('by running it', async () => {
    const [version, path] = execFileSync('python3', ['-c', 'import sys, platform; print(platform.python_version(), sys.executable)'], { encoding: 'utf8' }).trim().split(' ')
    expect(await checkPython(patient())).toMatchObject({ state: 'ok', message: `version ${version} at ${path}`, advice: null })
  })

  it.each([
    ['#!/bin/sh\necho 3.9.20 /old/python3\n', 'warning', 'version 3.9.20 at /old/python3'],
    ['#!/bin/sh\necho 2.7.18 /old/python\n', 'problem', 'PYTHON is version 2.7.18'],
    ['#!/bin/sh\necho broken >&2; exit 1\n', 'problem', 'PYTHON does not run (Command failed: PYTHON -c'],
  ])('and says what is wrong with %j', async (text, state, message) => {
    const python = user.write('bin/python3', text, 0o755)
    const found = await checkPython(patient({ environment: { PATH: `${user.folder}/bin:/bin:/usr/bin` } }))
    expect(found.state).toBe(state)
    expect(found.message.replaceAll(python, 'PYTHON')).toContain(message)
    expect(found.advice).not.toBeNull()
  })

  it('that is not there', async () => {
    expect(await checkPython(patient({ environment: { PATH: user.folder } }))).toMatchObject({ state: 'problem', message: 'python3 is not on PATH' })
  })
})

describe('doctor looks at the data folder', () => {
  const check = (dataFolder: string): Promise<Finding> => checkDataFolder(patient({ dataFolder }))

  it('that is not there yet, and makes none', async () => {
    expect(await check(user.dataFolder)).toMatchObject({ state: 'ok', message: `${user.dataFolder} will be made at the first start` })
    expect(user.hasDataFolder()).toBe(false)
  })

  it('that is there, and leaves nothing in it', async () => {
    mkdirSync(user.dataFolder, { mode: 0o700 })
    expect(await check(user.dataFolder)).toMatchObject({ state: 'ok', message: `${user.dataFolder}, yours alone (mode 0700)` })
    expect(filesIn(user.dataFolder)).toEqual([])
    chmodSync(user.dataFolder, 0o755)
    expect(await check(user.dataFolder)).toMatchObject({ state: 'warning', advice: `Close it with: chmod 700 '${user.dataFolder}'` })
  })

  it('that is none', async () => {
    const file = user.write('file', '')
    expect(await check(file)).toMatchObject({ state: 'problem', message: `${file} is no folder` })
    expect(await check(join(file, 'data'))).toMatchObject({ state: 'problem', message: `${file}/data cannot be reached (ENOTDIR)` })
  })

  it.runIf(process.platform === 'linux')('that lies where nothing can be written, not even by root', async () => {
    expect(await check('/proc/iron-cage')).toMatchObject({ state: 'problem', message: expect.stringContaining('cannot be made in /proc') as string })
    expect(await check('/proc')).toMatchObject({ state: 'problem', message: expect.stringContaining('/proc cannot be written to') as string })
  })
})

describe('doctor looks at the database', () => {
  it('that is not there yet', async () => {
    expect(await checkDatabase(patient())).toMatchObject({ state: 'ok', message: 'none yet; it will be made at the first start' })
    expect(user.hasDataFolder()).toBe(false)
  })

  it('that is whole', async () => {
    await (await openState({ dataFolder: user.dataFolder, clock: systemClock })).close()
    expect(await checkDatabase(patient())).toMatchObject({ state: 'ok', message: 'whole and up to date, or able to be brought there' })
  })

  it('that is damaged, and says what to do', async () => {
    mkdirSync(user.dataFolder, { mode: 0o700 })
    writeFileSync(join(user.dataFolder, 'control-room.db'), 'a diary')
    const found = await checkDatabase(patient())
    expect(found.state).toBe('problem')
    expect(found.message).toMatch(/^The database .*control-room\.db is damaged/)
    expect(found.advice).toMatch(/^Put a file from the "backups" folder beside it in its place/)
  })
})

describe('doctor looks at the database that DATABASE_URL names', () => {
  it('and that does not answer, without a word of its password', async () => {
    const found = await checkDatabase(patient({ environment: { DATABASE_URL: 'postgres://room:invented-password@127.0.0.1:1/control' } }))
    expect(found).toEqual({
      name: 'Database',
      state: 'problem',
      message: 'The database 127.0.0.1:1/control cannot be reached (ECONNREFUSED)',
      advice: 'Start it, or mend DATABASE_URL; until then nothing that costs money is let through.',
    })
  })
})

describe('doctor looks at the server that REDIS_URL names', () => {
  it('which without DATABASE_URL shares nothing', async () => {
    expect(await checkDatabase(patient({ environment: { REDIS_URL: 'redis://:invented-password@127.0.0.1:1' } }))).toEqual({
      name: 'Database',
      state: 'problem',
      message: 'REDIS_URL is set without DATABASE_URL',
      advice: 'Rooms share a PostgreSQL database, and Redis beside it. Set DATABASE_URL too, or unset REDIS_URL.',
    })
  })
})

describe('doctor looks at the port', () => {
  it('that is free, and that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await checkPort(patient({ settings: settingsWith(port, false) }))).toMatchObject({
      state: 'warning',
      message: `${port} is in use by another program`,
      advice: 'Another port will be taken; choose one with --port if it matters.',
    })
    expect(await checkPort(patient({ settings: settingsWith(port, true) }))).toMatchObject({ state: 'problem' })
    other.close()
    await once(other, 'close')
    expect(await checkPort(patient({ settings: settingsWith(port, true) }))).toMatchObject({ state: 'ok', message: `${port} is free` })
    expect(await checkPort(patient())).toMatchObject({ state: 'ok', message: 'any that is free' })
  })
})

describe('doctor looks at the keyring', () => {
  it('that cannot be reached, without waiting for it', async () => {
    const found = await checkKeyring(patient({ environment: { ...user.environment, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' } }))
    expect(found).toMatchObject({ state: 'warning', message: expect.stringMatching(/^not reachable: ./) as string })
  })

  const hasKeyring = ['dbus-run-session', 'gnome-keyring-daemon'].every((name) => {
    try {
      execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
  it.runIf(hasKeyring)('that works: an entry is stored, read and deleted', () => {
    const main = join(import.meta.dirname, '..', 'main.ts')
    const script = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "${process.execPath}" "${main}" doctor --json`
    const output = execFileSync('dbus-run-session', ['--', 'sh', '-c', script], { encoding: 'utf8', env: user.environment as NodeJS.ProcessEnv })
    const findings = JSON.parse(output) as Finding[]
    expect(findings.find(({ name }) => name === 'Keyring')).toEqual({ name: 'Keyring', state: 'ok', message: 'an entry was stored, read and deleted', advice: null })
  })

  it('says what each answer means', () => {
    expect(judgeKeyring({ kind: 'works' }, {}, 'linux').state).toBe('ok')
    expect(judgeKeyring({ kind: 'silent' }, {}, 'linux')).toMatchObject({ state: 'warning', message: 'no answer within 8 seconds; it may be locked' })
    expect(judgeKeyring({ kind: 'forgets' }, {}, 'darwin')).toMatchObject({ state: 'warning', advice: expect.stringContaining('keychain') as string })
    expect(judgeKeyring({ kind: 'refuses', complaint: 'no bus' }, { IRON_SECRETS_MASTER_KEY: '00'.repeat(32) }, 'linux')).toMatchObject({
      state: 'ok',
      message: 'not reachable: no bus; IRON_SECRETS_MASTER_KEY takes its place',
    })
  })
})

describe('doctor looks at the master key', () => {
  const KEY = '0123456789abcdef'.repeat(4)
  const examine = (environment: Record<string, string> = {}) => examineMasterKey({ environment, dataFolder: user.dataFolder }, null)
  async function sealWith(master: string): Promise<void> {
    const state = await openState({ dataFolder: user.dataFolder, clock: systemClock })
    await openRoomKeys({ master: { source: 'environment', bytes: Buffer.from(master, 'hex') }, problem: null, state: 'open' }, state.keyGenerations, systemClock)
    await state.close()
  }

  it('none, and nothing sealed', async () => {
    expect(await examine()).toEqual({
      name: 'Master key',
      state: 'warning',
      message: 'none; secrets cannot be kept without one',
      advice: 'A control room offers to make one, under Secrets; so does "iron_cage secrets init".',
    })
  })

  it('one that nothing was sealed with yet, and one that opens what is kept', async () => {
    expect(await examine({ IRON_SECRETS_MASTER_KEY: KEY })).toMatchObject({ state: 'ok', message: 'from IRON_SECRETS_MASTER_KEY; nothing was sealed with it yet' })
    await sealWith(KEY)
    expect(await examine({ IRON_SECRETS_MASTER_KEY: KEY })).toMatchObject({ state: 'ok', message: 'the one from IRON_SECRETS_MASTER_KEY opens what is kept here' })
  })

  it('another than the secrets were encrypted with, and none where there was one', async () => {
    await sealWith(KEY)
    expect(await examine({ IRON_SECRETS_MASTER_KEY: 'f'.repeat(64) })).toMatchObject({ state: 'problem', message: expect.stringContaining('another master key') as string })
    expect(await examine()).toMatchObject({ state: 'warning', message: expect.stringContaining('a master key that is not there now') as string })
  })

  it('a key file that waits for its passphrase, and the wrong one', async () => {
    mkdirSync(user.dataFolder, { recursive: true })
    await createKeyFile(user.dataFolder).create('an invented passphrase', Buffer.from(KEY, 'hex'))
    expect(await examine()).toMatchObject({ state: 'warning', message: expect.stringContaining('sealed with a passphrase') as string })
    expect(await examine({ IRON_SECRETS_PASSPHRASE: 'another passphrase' })).toMatchObject({ message: expect.stringContaining('passphrase') as string, state: 'warning' })
    expect(await examine({ IRON_SECRETS_PASSPHRASE: 'an invented passphrase' })).toMatchObject({ state: 'ok' })
  })

  it('a variable that holds something else, which is not repeated', async () => {
    const wrong = await examine({ IRON_SECRETS_MASTER_KEY: 'invented' })
    expect(wrong).toMatchObject({ state: 'problem', message: expect.stringContaining('IRON_SECRETS_MASTER_KEY') as string })
    expect(JSON.stringify(wrong)).not.toContain('invented')
  })
})

describe('doctor looks at what the window needs', () => {
  it('the runtime, by its files alone', async () => {
    const electron = join(user.folder, 'node_modules', 'electron')
    const check = (): Promise<Finding> => checkElectron(patient({ applicationFolder: user.folder }))
    expect(await check()).toMatchObject({ state: 'warning', message: 'not installed: no desktop window' })
    user.write('node_modules/electron/package.json', '{"version":"45.0.0"}')
    user.write('node_modules/electron/index.js', 'throw new Error("It was asked, and would have begun to download.")')
    expect(await check()).toMatchObject({ state: 'warning', message: 'version 45.0.0 without its runtime: no desktop window' })
    user.write('node_modules/electron/path.txt', 'electron')
    expect(await check()).toMatchObject({ state: 'warning' })
    user.write('node_modules/electron/dist/electron', '')
    expect(await check()).toMatchObject({ state: 'ok', message: `version 45.0.0 at ${electron}/dist/electron` })
  })

  it('nothing where npm installed the command alone', async () => {
    const applicationFolder = join(user.folder, 'node_modules', 'iron-cage-control-room')
    expect(await checkElectron(patient({ applicationFolder }))).toMatchObject({ state: 'ok', message: 'not part of the npm package: the room opens in a browser' })
  })

  it('a display', async () => {
    const check = async (environment: Record<string, string>): Promise<Finding> => checkDisplay(patient({ environment }))
    expect(await check({})).toMatchObject({ state: 'warning' })
    expect(await check({ DISPLAY: ':0' })).toMatchObject({ state: 'ok', message: 'X11 at :0' })
    expect(await check({ DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0' })).toMatchObject({ state: 'ok', message: 'Wayland at wayland-0' })
    expect(await checkDisplay(patient({ environment: {}, platform: 'darwin' }))).toMatchObject({ state: 'ok' })
  })
})

describe('doctor looks at the terminal', () => {
  it('that is there, and one whose native part was never compiled', async () => {
    expect(await createTerminalCheck()(patient({}))).toMatchObject({ state: 'ok' })
    const broken = (): never => {
      throw new Error('Failed to load native module: pty.node')
    }
    expect(await createTerminalCheck(broken)(patient({}))).toMatchObject({ state: 'problem', message: 'its native part is missing: no agent can be started', advice: expect.stringContaining('npm rebuild node-pty') as string })
  })
})

describe('doctor looks at the disk', () => {
  it('where the data folder is, or will be', async () => {
    expect(await checkDisk(patient())).toMatchObject({ message: expect.stringMatching(/^\d+(\.\d)? \w+ free$/) as string })
  })

  it.each([
    [99_999_999, 'problem'],
    [100_000_000, 'warning'],
    [999_999_999, 'warning'],
    [1_000_000_000, 'ok'],
  ])('%d free bytes are: %s', (free, state) => {
    expect(judgeDisk(free).state).toBe(state)
  })
})

describe('iron_cage doctor', () => {
  it('prints a line for each check, and what to do below it', async () => {
    const { stdout, code } = await user.run(['doctor', '--port', '0'], { environment: { IRON_SECRETS_MASTER_KEY: '00'.repeat(32) } })
    for (const name of ['Node.js', 'Python', 'Terminal', 'Data folder', 'Database', 'Disk', 'Port', 'Keyring', 'Master key', 'Electron', 'Display', 'LLM', 'Prices', 'Alerts']) {
      expect(stdout).toMatch(new RegExp(`^(ok|warning) +${name} +\\S`, 'm'))
    }
    expect(stdout.match(/^warning/gm) ?? []).toHaveLength((stdout.match(/^ +→ /gm) ?? []).length)
    expect(code).toBe(0)
    expect(user.hasDataFolder()).toBe(false)
  })

  it('ends with 1 when something is a problem', async () => {
    const environment = { PATH: user.folder }
    const { stdout, code } = await user.run(['doctor', '--json'], { environment })
    const findings = JSON.parse(stdout) as Finding[]
    expect(findings.filter(({ state }) => state === 'problem').map(({ name }) => name)).toEqual(['Python'])
    expect(code).toBe(1)
  })
})
