import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LaunchRequest } from '../../shared/contract/agents.ts'
import type { FlagValues } from './layers.ts'
import { createLaunchPlanner, requestFor, type LaunchPlanner } from './launchPlanner.ts'
import { createTestFolder, type TestFolder } from './testFolder.ts'

let folder: TestFolder
let agent: string
beforeEach(() => {
  folder = createTestFolder()
  folder.write('bin/python3', '#!/bin/sh\n', 0o755)
  folder.write('bin/node', '#!/bin/sh\n', 0o755)
  agent = folder.write('project/agent.py', 'print("hello")\n')
})
afterEach(() => folder.remove())

const at = (...parts: string[]): string => join(folder.path, ...parts)

function planner(environment: Record<string, string> = {}, callerFolder?: string): LaunchPlanner {
  return createLaunchPlanner({
    environment: { PATH: at('bin'), ...environment },
    dataFolder: at('data'),
    platform: 'linux',
    callerFolder,
  })
}

async function plan(request: Partial<LaunchRequest> = {}, flags: FlagValues = {}, environment: Record<string, string> = {}) {
  return (await planner(environment).plan({ script: agent, ...request }, flags)).plan
}

async function refusal(request: Partial<LaunchRequest>, flags: FlagValues = {}, environment: Record<string, string> = {}): Promise<string> {
  const error = (await plan(request, flags, environment).then(
    () => null,
    (problem: unknown) => problem,
  )) as { code: string; message: string } | null
  expect(error?.code).toMatch(/^INVALID_/)
  return (error?.message ?? '').replaceAll(folder.path, '')
}

describe('a plan', () => {
  it('says everything, from defaults alone', async () => {
    expect(await plan()).toEqual({
      script: agent,
      name: 'agent.py',
      command: [at('bin/python3'), agent],
      interpreter: 'python3',
      args: [],
      workingDirectory: at('project'),
      variables: {},
      budget: 100_000_000_000,
      atLimit: null,
      parkForMs: 600_000,
      baselinePerUnit: null,
      llm: {
        mode: 'simulated',
        upstreams: { openai: null, anthropic: null },
        unknownModel: 'refuse',
        simulation: { seed: 0, delayMs: 0, failures: [] },
      },
      safety: {
        rules: { mode: 'redact', types: {}, directions: {}, unauthorised: 'refuse', injection: 'warn' },
        permissions: { models: null, tools: null, hosts: null, paths: null },
        notPrivate: [],
      },
      services: [],
      secrets: null,
      sealSecrets: false,
      environment: 'development',
      restart: 'on-failure',
      maxRestarts: 3,
      healthyAfterMs: 10_000,
      gracePeriodMs: 5_000,
    })
  })

  it('takes each field from the request', async () => {
    mkdirSync(at('elsewhere'))
    const request: LaunchRequest = {
      script: agent,
      args: ['--leads', '100'],
      interpreter: at('bin/node'),
      workingDirectory: at('elsewhere'),
      variables: { A: '1' },
      budget: '$0.25',
      provider: 'live',
      upstreamOpenai: 'http://127.0.0.1:9999/v1/',
      upstreamAnthropic: null,
      atLimit: 'end',
      parkForMs: 1_500,
      unknownModel: 'ceiling',
      baseline: '3.05',
      simulatedSeed: 7,
      simulatedDelayMs: 20,
      simulatedFailures: [{ kind: 'cut', at: 3, times: 2 }],
      safetyMode: 'block',
      safetyTypes: { phone: 'warn' },
      safetyDirections: { terminal: 'off' },
      unauthorised: 'block',
      injection: 'refuse',
      allowedModels: ['gpt-4*'],
      allowedTools: [],
      allowedHosts: null,
      allowedPaths: ['leads'],
      notPrivate: ['@company.com'],
      secrets: ['INVENTED_KEY'],
      sealSecrets: true,
      environment: 'production',
      restart: 'never',
      maxRestarts: 0,
      healthyAfterMs: 1_500,
      gracePeriodMs: 0,
    }
    expect(await plan(request)).toEqual({
      script: agent,
      name: 'agent.py',
      command: [at('bin/node'), agent],
      interpreter: 'node',
      args: ['--leads', '100'],
      workingDirectory: at('elsewhere'),
      variables: { A: '1' },
      budget: 250_000_000,
      atLimit: 'end',
      parkForMs: 1_500,
      baselinePerUnit: 3_050_000_000,
      llm: {
        mode: 'live',
        upstreams: { openai: 'http://127.0.0.1:9999/v1', anthropic: null },
        unknownModel: 'ceiling',
        simulation: { seed: 7, delayMs: 20, failures: [{ kind: 'cut', at: 3, times: 2 }] },
      },
      safety: {
        rules: { mode: 'block', types: { phone: 'warn' }, directions: { terminal: 'off' }, unauthorised: 'block', injection: 'refuse' },
        permissions: { models: ['gpt-4*'], tools: [], hosts: null, paths: [at('project/leads')] },
        notPrivate: ['@company.com'],
      },
      services: [],
      secrets: ['INVENTED_KEY'],
      sealSecrets: true,
      environment: 'production',
      restart: 'never',
      maxRestarts: 0,
      healthyAfterMs: 1_500,
      gracePeriodMs: 0,
    })
  })

  it('takes files and environment in their order', async () => {
    folder.write('project/iron_cage.yaml', 'budget: 3\nenv: staging\nrestart: never\n')
    folder.write('data/settings.yaml', 'budget: 4\nrestart: always\nsafety_mode: warn\nport: 9000\n')
    const { plan: decided, settings } = await planner({ IRON_CAGE_ENV: 'production' }).plan({ script: agent }, { budget: '1' })
    expect(decided).toMatchObject({ budget: 1_000_000_000, environment: 'production', restart: 'never', safety: { rules: { mode: 'warn' } } })
    expect(settings.map(({ key, origin }) => [key, origin]).filter(([, origin]) => origin !== 'default')).toEqual([
      ['budget', 'flag'],
      ['safety_mode', 'user settings'],
      ['env', 'environment'],
      ['restart', 'agent file'],
    ])
    expect(settings.find(({ key }) => key === 'restart')?.source).toBe(at('project/iron_cage.yaml'))
  })

  it('reads the agent file that it is told to, and no other', async () => {
    folder.write('project/iron_cage.yaml', 'budget: 3\nenv: staging\n')
    const config = folder.write('other.toml', 'budget = 7\n')
    expect(await plan({ config })).toMatchObject({ budget: 7_000_000_000, environment: 'development' })
  })

  it('starts relative paths of an agent file at its folder', async () => {
    mkdirSync(at('settings/rows'), { recursive: true })
    folder.write('settings/tools/py', '#!/bin/sh\n', 0o755)
    const config = folder.write('settings/iron_cage.yaml', 'interpreter: ./tools/py\nworking_directory: rows\n')
    expect(await plan({ config })).toMatchObject({ command: [at('settings/tools/py'), agent], interpreter: 'py', workingDirectory: at('settings/rows') })
  })

  it('starts relative paths of a command line at the caller’s folder, where the agent then runs too', async () => {
    const { plan: decided } = await planner({}, at('project')).plan({ script: 'agent.py' })
    expect(decided).toMatchObject({ script: agent, workingDirectory: at('project') })
    const { plan: outer } = await planner({}, folder.path).plan({ script: 'project/agent.py' }, { working_directory: 'bin', interpreter: './bin/node' })
    expect(outer).toMatchObject({ script: agent, workingDirectory: at('bin'), command: [at('bin/node'), agent] })
  })

  it('can be asked for again in another room with other settings', async () => {
    folder.write('project/iron_cage.yaml', 'budget: 3\nvariables: { A: file }\nargs: [one]\n')
    const first = await plan({}, { budget: '0.000000001', grace_period: '1500ms', max_restarts: '7', env: 'staging' })
    const elsewhere = planner({ IRON_CAGE_BUDGET: '9', IRON_CAGE_MAX_RESTARTS: '1', IRON_CAGE_SAFETY_MODE: 'warn' })
    expect((await elsewhere.plan(requestFor(first, undefined))).plan).toEqual(first)
  })

  it.each([
    [{}, {}],
    [{ at_limit: 'end', provider: 'simulated', simulated_failures: ['rate-limit@34x5/2s'], simulated_seed: '9', simulated_delay: '20ms' }, {}],
    [{ provider: 'live', unknown_model: 'ceiling', baseline: '0.89', park_for: '1m' }, {}],
    [{}, { OPENAI_API_KEY: 'sk-invented' }],
    [{}, { ANTHROPIC_BASE_URL: 'http://127.0.0.1:4000' }],
  ])('is the same in another room about the gateway too: %j %j', async (flags, environment: Record<string, string>) => {
    const first = await plan({}, flags, environment)
    folder.write('data/settings.yaml', 'at_limit: end\nbaseline: 9\nprovider: live\nupstream_openai: http://127.0.0.1:1/v1\nsimulated_failures: [cut@1]\n')
    const elsewhere = planner({
      ...{ IRON_CAGE_UPSTREAM_ANTHROPIC: 'http://127.0.0.1:2', IRON_CAGE_PARK_FOR: '3s', IRON_CAGE_UNKNOWN_MODEL: 'ceiling' },
      ...{ IRON_CAGE_SIMULATED_SEED: '5', IRON_CAGE_SIMULATED_DELAY: '1s', OPENAI_BASE_URL: 'http://127.0.0.1:3/v1' },
    })
    expect((await elsewhere.plan(requestFor(first, undefined))).plan).toEqual(first)
  })
})

describe('the interpreter', () => {
  const python = (path: string): string => folder.write(path, '#!/bin/sh\n', 0o755)

  it('of Python is the agent file’s before the active environment’s before the neighbouring one’s before python3', async () => {
    const dotted = python('project/.venv/bin/python')
    const plain = python('project/venv/bin/python')
    const active = python('active/bin/python')
    const chosen = python('bin/python3.12')
    folder.write('project/iron_cage.yaml', 'interpreter: python3.12\n')
    const VIRTUAL_ENV = at('active')
    expect((await plan({}, {}, { VIRTUAL_ENV })).command[0]).toBe(chosen)
    rmSync(at('project/iron_cage.yaml'))
    expect((await plan({}, {}, { VIRTUAL_ENV })).command[0]).toBe(active)
    expect((await plan()).command[0]).toBe(dotted)
    rmSync(dotted)
    expect((await plan()).command[0]).toBe(plain)
    rmSync(plain)
    expect((await plan()).command[0]).toBe(at('bin/python3'))
  })

  it.each(['agent.js', 'agent.mjs', 'agent.cjs', 'agent.ts', 'agent.mts', 'AGENT.JS'])('of %s is node', async (name) => {
    const script = folder.write(name, '')
    expect(await plan({ script })).toMatchObject({ command: [at('bin/node'), script], interpreter: 'node' })
  })

  it.each([
    ['agent.sh', '#!/bin/sh\n'],
    ['agent', '#!/usr/bin/env python3\n'],
    ['agent', '#!/usr/bin/env -S node --no-warnings\n'],
    ['agent.bin', '\x7fELF...'],
  ])('of the executable %s beginning with %j is itself', async (name, text) => {
    const script = folder.write(name, text, 0o755)
    expect(await plan({ script })).toMatchObject({ command: [script], interpreter: 'executable' })
  })

  it('may be named for a script of any kind', async () => {
    const script = folder.write('agent.rb', '')
    expect(await plan({ script }, { interpreter: 'node' })).toMatchObject({ command: [at('bin/node'), script] })
  })

  it.each([
    [{ script: 'agent.py' }, { interpreter: 'python9' }, {}, '--interpreter is "python9", but no program of that name is on PATH.'],
    [{ script: 'agent.py' }, { interpreter: './py' }, {}, '--interpreter is "./py", but /project/py is no program that can be run.'],
    [{ script: 'agent.py', interpreter: '/nowhere/py' }, {}, {}, 'interpreter is "/nowhere/py", but /nowhere/py is no program that can be run.'],
    [
      { script: 'agent.py' },
      {},
      { VIRTUAL_ENV: '/nowhere' },
      'VIRTUAL_ENV is /nowhere, but there is no Python at /nowhere/bin/python; leave that environment, or name an interpreter with --interpreter.',
    ],
    [
      { script: 'agent.py' },
      {},
      { PATH: '/nowhere' },
      '/project/agent.py needs Python, but python3 is not on PATH; install Python 3, or name an interpreter with --interpreter.',
    ],
    [
      { script: 'agent.py' },
      {},
      { PATH: 'RELATIVE' },
      '/project/agent.py needs Python, but python3 is not on PATH; install Python 3, or name an interpreter with --interpreter.',
    ],
    [
      { script: 'agent.ts' },
      {},
      { PATH: '' },
      '/project/agent.ts needs Node.js, but node is not on PATH; install it, or name an interpreter with --interpreter.',
    ],
  ])('that is not there is named: %j %j %j', async ({ script, ...request }, flags, environment, sentence) => {
    folder.write('project/agent.ts', '')
    const known = environment as Record<string, string>
    // A path that leads to the right folder from here, and somewhere else from anywhere else.
    const given = known.PATH === 'RELATIVE' ? { PATH: relative(process.cwd(), at('bin')) } : known
    expect(await refusal({ script: at('project', script), ...request }, flags, given)).toBe(sentence)
  })

  it('is looked for on a search path that is still being found out; settings do not wait for it', async () => {
    folder.write('login/python3', '#!/bin/sh\n', 0o755)
    const search = Promise.withResolvers<string | null>()
    const waiting = createLaunchPlanner({ environment: { PATH: at('bin') }, searchPath: search.promise, dataFolder: at('data'), platform: 'linux' })
    const planned = waiting.plan({ script: agent })
    expect((await waiting.room()).isPortChosen).toBe(false)
    search.resolve(at('login'))
    expect((await planned).plan.command).toEqual([at('login/python3'), agent])

    const unknown = createLaunchPlanner({ environment: { PATH: at('bin') }, searchPath: Promise.resolve(null), dataFolder: at('data'), platform: 'linux' })
    expect((await unknown.plan({ script: agent })).plan.command).toEqual([at('bin/python3'), agent])
  })

  it('of an agent file is named with file and line', async () => {
    folder.write('project/iron_cage.yaml', 'budget: 5\ninterpreter: ./venv/bin/python\n')
    expect(await refusal({})).toBe(
      '/project/iron_cage.yaml, line 2: interpreter is "./venv/bin/python", but /project/venv/bin/python is no program that can be run.',
    )
  })
})

describe('a script that cannot be run', () => {
  it.each([
    ['', "The script's path is empty; give the path of a file."],
    ['  ', "The script's path is empty; give the path of a file."],
    ['agent.py', `The script's path is "agent.py", but must be an absolute path.`],
    ['/nowhere/agent.py', 'There is no script /nowhere/agent.py; give the path of a file such as agent.py.'],
    ['/nul\0.py', "The script's path holds a NUL character, which no path can."],
    ['/dev/null', '/dev/null is a device or a pipe; a script must be a file.'],
  ])('is refused by its path: %j', async (script, sentence) => {
    expect(await refusal({ script })).toBe(sentence)
  })

  it('is refused when it is a folder', async () => {
    expect(await refusal({ script: at('project') })).toBe('/project is a folder; give the script in it, such as /project/agent.py.')
    expect(await refusal({ script: `${agent}/agent.py` })).toBe('There is no script /project/agent.py/agent.py; give the path of a file such as agent.py.')
  })

  it('is refused when it may not be read', () => {
    chmodSync(folder.path, 0o755)
    chmodSync(agent, 0o200)
    const program = `
      const { createLaunchPlanner } = await import(${JSON.stringify(new URL('./launchPlanner.ts', import.meta.url).href)})
      const planner = createLaunchPlanner({ environment: {}, dataFolder: '/nowhere', platform: 'linux' })
      await planner.plan({ script: ${JSON.stringify(agent)} }).catch((error) => console.log(error.message))`
    // Root reads whatever it likes, so somebody else has to try.
    const uid = process.getuid?.() === 0 ? 65_534 : undefined
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', uid })
    expect(output).toBe(`The script ${agent} may not be read; allow it with chmod u+r.\n`)
  })

  const known = '(known are .py, .js, .mjs, .cjs, .ts, .mts)'
  it.each([
    ['agent.rb', '', 0o644, `No interpreter is known for /agent.rb ${known} and it is not executable; name one with --interpreter, or use chmod +x.`],
    ['agent', 'echo hello\n', 0o755, '/agent is executable, but neither a program nor a script that begins with #!; add a first line such as #!/bin/sh.'],
    ['agent', '', 0o755, '/agent is executable, but neither a program nor a script that begins with #!; add a first line such as #!/bin/sh.'],
    ['agent', '#!/nowhere/ruby\n', 0o755, 'The first line of /agent names the interpreter /nowhere/ruby, which is no program on this machine.'],
    ['agent', '#!/usr/bin/env ruby9\n', 0o755, 'The first line of /agent asks for ruby9, which is not on PATH.'],
    ['agent', '#!\n', 0o755, 'The first line of /agent names the interpreter "", which is no program on this machine.'],
  ])('is refused when nothing can run it: %s holding %j', async (name, text, mode, sentence) => {
    expect(await refusal({ script: folder.write(name, text, mode) })).toBe(sentence)
  })
})

describe('an agent file', () => {
  it('is refused when there are two', async () => {
    folder.write('project/iron_cage.yaml', 'budget: 5\n')
    folder.write('project/iron_cage.toml', 'budget = 5\n')
    expect(await refusal({})).toBe('Both /project/iron_cage.yaml and iron_cage.toml lie beside the script; keep one of them, or choose with --config.')
    expect((await plan({ config: at('project/iron_cage.toml') })).budget).toBe(5_000_000_000)
  })

  it('is refused when it is told of but not there, or is none', async () => {
    expect(await refusal({ config: '/nowhere.yaml' })).toBe('There is no agent file /nowhere.yaml (--config).')
    expect(await refusal({ config: agent })).toBe('The agent file /project/agent.py (--config) must end in .yaml, .yml or .toml.')
    expect(await refusal({ config: ' ' })).toBe("The agent file's path (--config) is empty; give the path of a file.")
  })

  it('is refused when a line is wrong', async () => {
    folder.write('project/iron_cage.yml', 'env: staging\nbudget: lots\n')
    expect(await refusal({})).toBe(
      '/project/iron_cage.yml, line 2: budget is "lots", but must be an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25.',
    )
  })

  it('is refused for a working folder that is none', async () => {
    folder.write('project/iron_cage.yml', 'working_directory: agent.py\n')
    expect(await refusal({})).toBe('/project/iron_cage.yml, line 1: working_directory is "agent.py", but /project/agent.py is no folder.')
    expect(await refusal({ workingDirectory: '/nowhere' })).toBe('working_directory is "/nowhere", but /nowhere is no folder.')
  })
})

describe('the settings without a script', () => {
  it('are explained, those of agents and those of the room', async () => {
    folder.write('data/settings.yaml', 'port: 9000\nbudget: 5\n')
    const rows = await planner({ IRON_CAGE_LOG_FORMAT: 'json' }).explain({ verbose: true })
    expect(rows.filter(({ origin }) => origin !== 'default').map(({ key, value, source }) => [key, value, source])).toEqual([
      ['budget', '$5.00', at('data/settings.yaml')],
      ['verbose', true, '--verbose'],
      ['log_format', 'json', 'IRON_CAGE_LOG_FORMAT'],
      ['port', 9000, at('data/settings.yaml')],
    ])
  })

  it('say in one word what of the log is written', async () => {
    expect((await planner().room()).leastSeverity).toBe('INFO')
    expect((await planner().room({ log_level: 'warn' })).leastSeverity).toBe('WARN')
    expect((await planner().room({ log_level: 'warn', verbose: true })).leastSeverity).toBe('DEBUG')
  })

  it('tell whether somebody chose the port', async () => {
    expect(await planner().room()).toMatchObject({ values: { port: 7317 }, isPortChosen: false })
    expect(await planner().room({ port: '7317' })).toMatchObject({ values: { port: 7317 }, isPortChosen: true })
  })
})

it('writes nothing, whatever it is asked', async () => {
  await plan()
  await refusal({}, { budget: '0' })
  await planner().explain()
  expect(readdirSync(folder.path).sort()).toEqual(['bin', 'project'])
})
