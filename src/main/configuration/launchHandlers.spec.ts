import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../shared/domain/roles.ts'
import { commands } from '../../shared/contract/contract.ts'
import { LARGEST_UPLOAD_BYTES } from '../../shared/domain/uploadLimit.ts'
import type { LaunchChoices } from '../../shared/contract/launch.ts'
import type { RecentScripts } from '../state/repositories.ts'
import { createLaunchHandlers } from './launchHandlers.ts'
import { createLaunchPlanner } from './launchPlanner.ts'
import { createTestFolder, type TestFolder } from './testFolder.ts'

const owner: Caller = { role: 'admin', id: 'owner' }
let folder: TestFolder
let known: { script: string; lastStartedAt: number }[]
let choices: Record<string, LaunchChoices>
beforeEach(() => {
  folder = createTestFolder()
  known = []
  choices = {}
})
afterEach(() => folder.remove())

function handlers(platform: NodeJS.Platform = 'linux') {
  const dataFolder = join(folder.path, 'data')
  const recentScripts: RecentScripts = {
    list: async () => known,
    touch: async () => undefined,
    remember: async (script, chosen) => void (choices[script] = chosen),
    remembered: async (script) => choices[script] ?? {},
  }
  return createLaunchHandlers({
    planner: createLaunchPlanner({ environment: { PATH: join(folder.path, 'bin') }, dataFolder, platform: 'linux' }),
    recentScripts,
    dataFolder,
    clock: { now: () => Date.UTC(2026, 10, 21, 23, 59), after: () => ({ cancel: () => undefined }) },
    random: { hex: (bytes) => 'ab'.repeat(bytes), fraction: () => 0 },
    redact: (text) => text.replace('ada@acme.com', '[EMAIL_REDACTED]'),
    platform,
  })
}

const asInput = (files: Record<string, string>) => ({
  files: Object.entries(files).map(([name, text]) => ({ name, contentBase64: Buffer.from(text).toString('base64') })),
})
const upload = (files: Record<string, string>, platform?: NodeJS.Platform) =>
  handlers(platform)['launch.upload'](commands['launch.upload'].input.parse(asInput(files)), owner)

describe('launch.upload', () => {
  it('keeps the files in a folder of their own, for the owner alone', async () => {
    const { script } = await upload({ 'agent.py': 'print("ä")', 'leads.csv': 'name\nAda\n', 'tool.sh': '#!/bin/sh\n' })
    const workspace = join(folder.path, 'data/workspaces/2026-11-21-abababab')
    expect(script).toBe(join(workspace, 'agent.py'))
    expect(readFileSync(script, 'utf8')).toBe('print("ä")')
    expect(readFileSync(join(workspace, 'leads.csv'), 'utf8')).toBe('name\nAda\n')
    const modes = ['.', 'agent.py', 'leads.csv', 'tool.sh'].map((name) => statSync(join(workspace, name)).mode & 0o777)
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o700])
  })

  it('takes every name that the system takes', async () => {
    const { script } = await upload({ 'it\'s "a" | 名前 <10:30>?.py': 'print(1)' })
    expect(script.split('/').at(-1)).toBe('it\'s "a" | 名前 <10:30>?.py')
    const sentence = 'Windows allows no file to be called 10:30.py; give it a name without : * ? " < > and |.'
    await expect(upload({ '10:30.py': 'print(1)' }, 'win32')).rejects.toMatchObject({ code: 'INVALID_INPUT', message: sentence })
  })

  it.each(['..', '.', '', 'a/agent.py', '..\\agent.py', 'agent.py\0'])('takes no path: %j', (name) => {
    expect(commands['launch.upload'].input.safeParse(asInput({ [name]: 'print(1)' })).success).toBe(false)
  })

  it.each([
    [['lead_gen.py', 'run.js', 'leads.csv'], 'lead_gen.py'],
    [['run.mjs', 'tool.sh'], 'run.mjs'],
    [['tool.sh', 'leads.csv'], 'tool.sh'],
    [['helpers.py', 'agent.py', 'main.py'], 'agent.py'],
    [['helpers.py', 'main.py', 'agent_tools.py'], 'main.py'],
    [['helpers.py', 'lead_gen_agent.py'], 'lead_gen_agent.py'],
    [['helpers.js', 'main.ts'], 'main.ts'],
  ])('runs of %j the script %s', async (names, chosen) => {
    const { script } = await upload(Object.fromEntries(names.map((name) => [name, name.endsWith('.csv') ? 'name\n' : '#!/bin/sh\n'])))
    expect(script.split('/').at(-1)).toBe(chosen)
  })

  it.each([
    [['one.py', 'two.py'], 'Several of these files can be run (one.py, two.py); call the one to start agent.py or main.py.'],
    [['agent_a.py', 'agent_b.py'], 'Several of these files can be run (agent_a.py, agent_b.py); call the one to start agent.py or main.py.'],
    [['leads.csv'], 'None of these files can be run; drop a .py, .js or .ts script, or a program, with the files that it needs.'],
    [['Agent.py', 'agent.py'], 'Two of the files are called agent.py; give each a name of its own.'],
  ])('refuses %j and keeps nothing', async (names, sentence) => {
    const problem = upload(Object.fromEntries(names.map((name) => [name, 'text'])))
    await expect(problem).rejects.toMatchObject({ code: 'INVALID_INPUT', message: sentence })
    expect(existsSync(join(folder.path, 'data'))).toBe(false)
  })

  it('refuses one byte too many and takes what just fits', async () => {
    await expect(upload({ 'agent.py': 'x'.repeat(LARGEST_UPLOAD_BYTES), b: 'x' })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: 'These files have 25 MB together; at most 25 MB can be dropped at once.',
    })
    await expect(upload({ 'agent.py': 'x'.repeat(LARGEST_UPLOAD_BYTES - 1), b: 'x' })).resolves.toBeDefined()
  })

  it('never writes into a workspace that is there already', async () => {
    const { script } = await upload({ 'agent.py': 'first' })
    await expect(upload({ 'agent.py': 'second' })).rejects.toThrow('EEXIST')
    expect(readFileSync(script, 'utf8')).toBe('first')
    expect(readdirSync(join(folder.path, 'data/workspaces'))).toHaveLength(1)
  })
})

describe('the other handlers', () => {
  it('tell which of the recent scripts are still there', async () => {
    const there = folder.write('agent.py', '')
    known = [
      { script: there, lastStartedAt: 2 },
      { script: '/nowhere/old.py', lastStartedAt: 1 },
      { script: folder.path, lastStartedAt: 0 },
    ]
    expect(await handlers()['launch.recent']({}, owner)).toEqual({
      scripts: [
        { script: there, name: 'agent.py', lastStartedAt: 2, exists: true },
        { script: '/nowhere/old.py', name: 'old.py', lastStartedAt: 1, exists: false },
        { script: folder.path, name: folder.path.split('/').at(-1), lastStartedAt: 0, exists: false },
      ],
    })
  })

  it('inspect what would run', async () => {
    const script = folder.write('agent.sh', '#!/bin/sh\n', 0o755)
    const { plan, settings } = await handlers()['launch.inspect']({ script, budget: '5' }, owner)
    expect(plan).toMatchObject({ command: [script], budget: 5_000_000_000 })
    expect(settings[0]).toMatchObject({ key: 'budget', value: '$5.00', origin: 'flag', source: 'this launch' })
  })

  it('remember what was chosen for a script, and nothing private of it', async () => {
    const { 'launch.remember': remember, 'launch.remembered': remembered } = handlers()
    const script = '/invented/agent.py'
    await remember({ script, choices: { budget: '$50', environment: 'staging', atLimit: null, args: ['--leads', '100'], workingDirectory: '/invented/ada@acme.com' } }, owner)
    expect(await remembered({ script }, owner)).toEqual({ choices: { budget: '$50', environment: 'staging', atLimit: null, args: ['--leads', '100'] } })
    for (const args of [['--api-key', 'abc'], ['--to', 'ada@acme.com'], ['--token=abc']]) {
      await remember({ script, choices: { budget: '5', args } }, owner)
      expect(await remembered({ script }, owner)).toEqual({ choices: { budget: '5' } })
    }
    await remember({ script, choices: {} }, owner)
    expect(await remembered({ script }, owner)).toEqual({ choices: {} })
  })

  it('explain the room’s settings', async () => {
    const { settings } = await handlers()['configuration.explain']({}, owner)
    expect(settings.find(({ key }) => key === 'port')).toMatchObject({ value: 7317, origin: 'default' })
  })
})
