import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestUser, filesIn, isRunning, type TestUser } from './testCommandLine.ts'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

const PATIENT = '#!/bin/sh\necho ready $$\nwhile :; do sleep 1; done\n'

describe('iron_cage start', () => {
  it.each([
    ['hello_world.py', 'import sys\nprint("hello", sys.argv[1:])\n', 0o644, "hello ['--leads', '100']\n", 'hw'],
    ['hello_world.mjs', 'console.log("hello", process.argv.slice(2).join(" "))\n', 0o644, 'hello --leads 100\n', 'hw'],
    ['hello_world.ts', 'const text: string = "hello"\nconsole.log(text)\n', 0o644, 'hello\n', 'hw'],
    ['hello.sh', '#!/bin/sh\necho hello "$@"\n', 0o755, 'hello --leads 100\n', 'he'],
  ])('runs %s, and says what it does beside the agent’s output', async (name, text, mode, output, initials) => {
    user.write(name, text, mode)
    const { code, stdout, stderr } = await user.run(['start', name, '--budget', '$50', '--', '--leads', '100'])
    expect(stdout).toBe(output)
    const lines = stderr.trim().split('\n')
    for (const line of lines.slice(0, -1)) expect(line).toMatch(new RegExp(`^\\[\\d\\d:\\d\\d:\\d\\d\\] INFO ${initials}-[0-9a-f]{8} \\S`))
    expect(lines.at(-1)).toMatch(new RegExp(`^${initials}-[0-9a-f]{8} stopped after \\d+ m?s, exit code 0, 0 survivors, no LLM calls$`))
    expect(code).toBe(0)
  })

  it('an agent that crashed goes on where its checkpoint was', async () => {
    const text = `
import json, os, urllib.request
address = '%s/api/agents/%s/checkpoint' % (os.environ['IRON_CAGE_URL'], os.environ['IRON_CAGE_AGENT_ID'])
def ask(method, body=None):
    headers = {'Authorization': 'Bearer ' + os.environ['IRON_CAGE_RUN_TOKEN'], 'Content-Type': 'application/json'}
    data = None if body is None else json.dumps(body).encode()
    return json.load(urllib.request.urlopen(urllib.request.Request(address, data, headers, method=method)))
done = (ask('GET')['document'] or {'lead': 0})['lead']
print('lead', done + 1)
ask('PUT', {'document': {'lead': done + 1}})
os._exit(0 if done else 1)
`
    user.write('agent.py', text)
    expect(await user.run(['start', 'agent.py'])).toMatchObject({ code: 0, stdout: 'lead 1\nlead 2\n' })
  })

  it('tells more with --verbose: what was decided, and no value of a variable', async () => {
    user.write('agent.sh', '#!/bin/sh\ntrue\n', 0o755)
    const { stderr } = await user.run(['start', 'agent.sh', '--verbose', '--variable', 'TOKEN=hush'])
    const first = `DEBUG ${user.folder}/agent.sh in ${user.folder} (budget $100.00; LLM answers simulated; redact; development; restart on-failure; variables TOKEN)\n`
    expect(stderr.slice('[00:00:00] '.length)).toMatch(new RegExp(`^${first.replace(/[.()$]/g, '\\$&')}`))
    expect(stderr).not.toContain('hush')
  })

  it('repeats nothing private of its arguments with --verbose', async () => {
    user.write('agent.sh', '#!/bin/sh\ntrue\n', 0o755)
    const { stderr } = await user.run(['start', 'agent.sh', '--verbose', '--variable', 'SHOP_KEY=invented-word-4711', '--', 'ceo@acme.com', '--password', 'hush', 'invented-word-4711'])
    expect(stderr).toContain('/agent.sh [EMAIL_REDACTED] --password [MASKED] [SECRET_REDACTED] in ')
    expect(stderr).not.toMatch(/acme|hush|4711/)
  })

  it('prints every byte of a long output, with a file’s line ends', async () => {
    user.write('long.py', 'for i in range(20000): print("line", i, "ä€😀")\n')
    const { code, stdout } = await user.run(['start', 'long.py'])
    expect(stdout).toBe(Array.from({ length: 20_000 }, (_, index) => `line ${index} ä€😀\n`).join(''))
    expect(code).toBe(0)
  })

  it('ends with the agent’s own code when it crashes, after the restarts that were asked for', async () => {
    user.write('crash.py', 'import sys\nprint("run")\nsys.exit(7)\n')
    const never = await user.run(['start', 'crash.py', '--restart', 'never'])
    expect(never).toMatchObject({ code: 7, stdout: 'run\n' })
    expect(never.stderr).toMatch(/cr-[0-9a-f]{8} crashed after .*, exit code 7, 0 survivors, no LLM calls\n$/)
    const twice = await user.run(['start', 'crash.py', '--max-restarts', '1'])
    expect(twice).toMatchObject({ code: 7, stdout: 'run\nrun\n' })
    expect(twice.stderr).toMatch(/crashed after .* and 1 restart, exit code 7/)
  })

  it('ends with 128 and the signal’s number when somebody else kills the agent', async () => {
    user.write('agent.sh', PATIENT, 0o755)
    const command = user.start(['start', 'agent.sh', '--restart', 'never'])
    const [, pid] = await command.until('stdout', /ready (\d+)/)
    process.kill(Number(pid), 'SIGKILL')
    expect(await command.ended).toMatchObject({ code: 137, stderr: expect.stringMatching(/crashed after .*, signal SIGKILL, 0 survivors, no LLM calls\n$/) as string })
  })

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('told to end by %s, ends the agent and everything that it started, then itself with %d', async (signal, code) => {
    user.write(
      'agent.py',
      [
        'import os, signal, subprocess, sys, time',
        'escaped = subprocess.Popen(["sleep", "600"], start_new_session=True)',
        'stubborn = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(\'deaf\', flush=True); time.sleep(600)"])',
        'print("pids", os.getpid(), escaped.pid, stubborn.pid, flush=True)',
        'time.sleep(600)',
      ].join('\n'),
    )
    const command = user.start(['start', 'agent.py', '--grace-period', '200ms'])
    const [, ...pids] = await command.until('stdout', /pids (\d+) (\d+) (\d+)/)
    await command.until('stdout', /deaf/)
    command.child.kill(signal)
    const ended = await command.ended
    expect(ended.stderr).toContain(`${signal}: agent.py and everything that it started is being stopped.`)
    expect(ended.stderr).toMatch(/ag-[0-9a-f]{8} stopped after .*, signal SIG(TERM|KILL), 0 survivors, no LLM calls\n$/)
    expect(ended.code).toBe(code)
    expect(pids.map(Number).filter(isRunning)).toEqual([])
  })

  it('says what it waits for when it is told again', async () => {
    user.write('agent.sh', '#!/bin/sh\ntrap "echo asked; read answer; exit 0" TERM\necho ready\nread line\n', 0o755)
    const command = user.start(['start', 'agent.sh', '--grace-period', '30'], { input: 'pipe' })
    await command.until('stdout', /ready/)
    command.child.kill('SIGTERM')
    await command.until('stdout', /asked/)
    command.child.kill('SIGINT')
    await command.until('stderr', /WARN ag-[0-9a-f]{8} agent.sh is being stopped already: what does not end within 30 s is killed\./)
    command.child.stdin?.end('enough\n')
    expect(await command.ended).toMatchObject({ code: 143, stderr: expect.stringContaining('exit code 0, 0 survivors') as string })
  })

  it('hands on what is piped into it, and the end of it', async () => {
    user.write('agent.py', 'import sys\nprint(sorted(line.strip() for line in sys.stdin))\n')
    const command = user.start(['start', 'agent.py'], { input: 'pipe' })
    command.child.stdin?.end('two\none\nthree without an end')
    const { code, stdout } = await command.ended
    expect(stdout).toContain("['one', 'three without an end', 'two']\n")
    expect(code).toBe(0)
  })

  it('lets an agent that reads find nothing where there is nothing', async () => {
    user.write('agent.py', 'import sys\nprint(repr(sys.stdin.read()))\n')
    expect(await user.run(['start', 'agent.py'])).toMatchObject({ code: 0, stdout: "''\n" })
  })

  it('runs the agent where the user is, and gives it a clean environment', async () => {
    user.write('scripts/agent.py', 'import os\nprint(os.getcwd())\nprint(sorted(k for k in os.environ if k.startswith(("IRON_", "npm_"))))\nprint(os.environ["A"])\n')
    const environment = { IRON_CAGE_LOG_LEVEL: 'error', npm_config_cache: '/nowhere', IRON_SECRETS_MASTER_KEY: '00'.repeat(32) }
    const { stdout, stderr } = await user.run(['start', 'scripts/agent.py', '--variable', 'A=1'], { environment })
    expect(stdout).toBe(`${user.folder}\n['IRON_CAGE_AGENT_ID', 'IRON_CAGE_BRIDGE', 'IRON_CAGE_RUN_TOKEN', 'IRON_CAGE_URL']\n1\n`)
    expect(stderr).toMatch(/^ag-[0-9a-f]{8} stopped after .*\n$/)
  })

  it('knows where the user is when npm runs it', async () => {
    user.write('agent.sh', '#!/bin/sh\npwd\n', 0o755)
    mkdirSync(join(user.folder, 'package'))
    const environment = { npm_lifecycle_event: 'iron_cage', INIT_CWD: user.folder, IRON_CAGE_HOME: 'data' }
    const { stdout, code } = await user.run(['start', 'agent.sh'], { folder: join(user.folder, 'package'), environment })
    expect({ stdout, code }).toEqual({ stdout: `${user.folder}\n`, code: 0 })
    expect(filesIn(join(user.folder, 'package'))).toEqual([])
  })

  it('writes its own lines as JSON where that is asked for', async () => {
    user.write('agent.sh', '#!/bin/sh\necho hello\n', 0o755)
    const { stdout, stderr } = await user.run(['start', 'agent.sh', '--log-format', 'json'])
    const lines = stderr.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    for (const line of lines) expect(Object.keys(line).sort()).toEqual(['agent_id', 'event', 'level', 'msg', 'ts', 'user_id'])
    expect(lines.at(-1)).toMatchObject({ level: 'INFO', event: 'agent.concluded', agent_id: expect.stringMatching(/^ag-/) as string })
    expect(stdout).toBe('hello\n')
  })

  it('ends quietly, with the agent, when nobody reads its output any more', async () => {
    user.write('agent.sh', '#!/bin/sh\necho $$ > pid\nwhile :; do echo line; done\n', 0o755)
    const output = execFileSync('sh', ['-c', `"${process.execPath}" "${join(import.meta.dirname, 'main.ts')}" start agent.sh --log-level error 2> errors | head -n 2`], {
      cwd: user.folder,
      env: user.environment as NodeJS.ProcessEnv,
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect(output).toBe('line\nline\n')
    expect(readFileSync(join(user.folder, 'errors'), 'utf8')).toMatch(/^ag-[0-9a-f]{8} stopped after .*, 0 survivors, no LLM calls\n$/)
    expect(isRunning(Number(readFileSync(join(user.folder, 'pid'), 'utf8')))).toBe(false)
  })
})

describe('iron_cage start refuses, and starts and writes nothing', () => {
  const money = 'but must be an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25'
  const shell = "; a shell turns an unquoted $50 into 0: write --budget 50, or quote it: '$50'"

  it.each<[string[], string]>([
    [['start', 'nowhere.py'], 'There is no script FOLDER/nowhere.py; give the path of a file such as agent.py.'],
    [['start', ''], "The script's path is empty; give the path of a file."],
    [['start', 'things'], 'FOLDER/things is a folder; give the script in it, such as FOLDER/things/agent.py.'],
    [
      ['start', 'agent.rb'],
      'No interpreter is known for FOLDER/agent.rb (known are .py, .js, .mjs, .cjs, .ts, .mts) and it is not executable; name one with --interpreter, or use chmod +x.',
    ],
    [['start', 'agent.py', '--interpreter', 'python9'], '--interpreter is "python9", but no program of that name is on PATH.'],
    ...['abc', '-5', '1e9', '$', '50 €'].map((budget) => [['start', 'agent.py', '--budget', budget], `--budget is "${budget}", ${money}.`] as [string[], string]),
    ...['0', ''].map((budget) => [['start', 'agent.py', '--budget', budget], `--budget is "${budget}", ${money}${shell}.`] as [string[], string]),
    [['start', 'agent.py', '--colour'], 'There is no flag --colour for iron_cage start; see iron_cage start --help.'],
    [['start', 'agent.py', '--config', 'wrong.yaml'], 'FOLDER/wrong.yaml, line 2: there is no setting "budgte"; did you mean budget?'],
    [['start', 'agent.py', '--config', 'type.toml'], `FOLDER/type.toml: budget is [50], ${money}.`],
    [['start', 'agent.py', '--config', 'nowhere.yaml'], 'There is no agent file FOLDER/nowhere.yaml (--config).'],
    [['strat', 'agent.py'], 'There is no command "strat"; did you mean start?'],
    [['status', 'everything', 'else'], '"else" is one word too many for iron_cage status.'],
    [['logs', 'lg-7a3f9c2d', '--lines', '0'], '--lines is "0", but must be a whole number from 1 to 10000.'],
    [['config', '--config', 'x.yaml'], '--config is about a script; name it: iron_cage config --explain agent.py --config FILE.'],
  ])('%j', async (args, sentence) => {
    user.write('agent.py', 'open("started", "w")\n')
    user.write('agent.rb', '')
    user.write('wrong.yaml', 'env: staging\nbudgte: 5\n')
    user.write('type.toml', 'budget = [50]\n')
    mkdirSync(join(user.folder, 'things'))
    const before = filesIn(user.folder)
    const { code, stdout, stderr } = await user.run(args)
    expect(stderr.replaceAll(user.folder, 'FOLDER')).toBe(`iron_cage: ${sentence}\n`)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(filesIn(user.folder)).toEqual(before)
  })

  it('a wrong variable, and wrong user settings', async () => {
    user.write('agent.py', '')
    const { stderr, code } = await user.run(['start', 'agent.py'], { environment: { IRON_CAGE_SAFETY_MODE: 'strict' } })
    expect({ stderr, code }).toEqual({ stderr: 'iron_cage: IRON_CAGE_SAFETY_MODE is "strict", but must be one of redact, block or warn.\n', code: 2 })
    user.write('data/settings.yaml', 'prot: 80\n')
    expect(await user.run(['list'])).toMatchObject({ code: 2, stderr: `iron_cage: ${user.dataFolder}/settings.yaml, line 1: there is no setting "prot"; did you mean port?\n` })
    expect(filesIn(user.dataFolder)).toEqual(['settings.yaml'])
  })

  it('a data folder that cannot be one', async () => {
    user.write('agent.py', '')
    const file = user.write('file', '')
    chmodSync(file, 0o400)
    const { stderr, code } = await user.run(['start', 'agent.py'], { environment: { IRON_CAGE_HOME: join(file, 'data') } })
    expect(stderr).toMatch(/^iron_cage: The data folder .*\/file\/data cannot be used \(ENOTDIR\)/)
    expect(code).toBe(74)
  })
})
