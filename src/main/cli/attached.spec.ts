import { once } from 'node:events'
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PLACEHOLDER_KEY } from '../gateway/placeholderKey.ts'
import { createTestUser, type RunningCommand, type TestUser } from './testCommandLine.ts'

let user: TestUser
let room: RunningCommand
let url: string
const children: ChildProcess[] = []
beforeEach(async () => {
  user = createTestUser()
  room = user.start(['serve', '--port', '0', '--json', '--until-stdin-closes'], { input: 'pipe' })
  url = (JSON.parse((await room.until('stdout', /^.*\n/))[0]) as { url: string }).url
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await user.leave()
})

/** Finds the room as any client may: by what lies in the data folder. Then it does what each line of its input says. */
const CLIENT = String.raw`
import json, os, socket, sys, urllib.request, urllib.error
folder = os.environ["IRON_CAGE_HOME"]
base = json.load(open(folder + "/instance.json"))["url"]
owner = open(folder + "/owner.token").read().strip()

def ask(address, body, token, headers={}):
    head = {"content-type": "application/json", "authorization": "Bearer " + token, **headers}
    request = urllib.request.Request(address, json.dumps(body).encode(), head)
    try:
        with urllib.request.urlopen(request) as answer:
            return {"status": answer.status, "body": json.loads(answer.read())}
    except urllib.error.HTTPError as problem:
        return {"status": problem.code, "refusal": problem.headers.get("x-iron-cage-refusal"), "body": json.loads(problem.read())}

def room(path, body, token):
    return ask(base + "/api" + path, body, token)

run = {}
for line in sys.stdin:
    do, *rest = json.loads(line)
    if do == "attach":
        answer = room("/agents/attach", {"name": "leads.py", "pid": os.getpid(), "workingDirectory": os.getcwd(), **rest[0]}, owner)
        run = answer["body"]
    elif do == "chat":
        message = {"model": "gpt-4o-mini", "max_tokens": 20, "messages": [{"role": "user", "content": rest[0]}]}
        headers = {} if len(rest) < 2 else {"x-iron-cage-scope": rest[1]}
        answer = ask(run["environment"]["OPENAI_BASE_URL"] + "/chat/completions", message, "sk-invented", headers)
    elif do == "agent":
        answer = room("/agents/" + run["agent"]["id"] + rest[0], rest[1], run["runToken"])
    elif do == "other":
        answer = room(rest[0], rest[1], run["runToken"])
    elif do == "listen":
        bridge = socket.socket(socket.AF_UNIX)
        bridge.connect(run["environment"]["IRON_CAGE_BRIDGE"])
        hello = {"kind": "hello", "protocol": 1, "token": run["runToken"], "language": "python", "pid": os.getpid(), "sdk": "test", "handles": {"signal": False, "secrets": False}}
        bridge.sendall((json.dumps(hello) + "\n").encode())
        lines = bridge.makefile()
        print(lines.readline().strip(), flush=True)
        if rest:
            for number, (command, body) in enumerate(rest):
                bridge.sendall((json.dumps({"kind": "ask", "id": number, "command": command, "input": body}) + "\n").encode())
                print(lines.readline().strip(), flush=True)
            print(json.dumps(lines.readlines()), flush=True)
            continue
        answer = json.loads(lines.readline())
        room("/agents/" + run["agent"]["id"] + "/detach", {"isOk": False, "reason": "told to stop"}, run["runToken"])
    print(json.dumps(answer), flush=True)
`

interface Answer {
  readonly status: number
  readonly refusal?: string
  readonly body: Record<string, unknown>
}

interface Client {
  readonly child: ChildProcess & { readonly pid: number }
  say(...words: unknown[]): Promise<Answer>
  /** The next line that it prints. */
  hear(): Promise<unknown>
}

function startClient(): Client {
  const child = spawn('python3', ['-c', CLIENT], { cwd: user.folder, env: user.environment as NodeJS.ProcessEnv, stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string)
  return {
    child: child as unknown as Client['child'],
    hear,
    async say(...words) {
      child.stdin.write(`${JSON.stringify(words)}\n`)
      return (await hear()) as Answer
    },
  }
}

const idOf = ({ body }: Answer): string => (body.agent as { id: string }).id

describe('a program that attaches itself', () => {
  it('finds the room, is counted and policed, has scopes, and leaves', async () => {
    const client = startClient()
    const attached = await client.say('attach', { budget: '$5', provider: 'simulated', safetyMode: 'redact' })
    const id = idOf(attached)
    expect(attached).toMatchObject({ status: 200, body: { agent: { status: 'running', pid: client.child.pid, plan: { name: 'leads.py', budget: 5_000_000_000 } } } })
    expect(id).toMatch(/^le-/)
    const { environment, runToken } = attached.body as { environment: Record<string, string>; runToken: string }
    expect(Object.keys(environment).sort()).toEqual([
      'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'CREWAI_DISABLE_TELEMETRY', 'CREWAI_TRACING_ENABLED',
      'IRON_CAGE_AGENT_ID', 'IRON_CAGE_BRIDGE', 'IRON_CAGE_RUN_TOKEN', 'IRON_CAGE_URL', 'NO_PROXY', 'OPENAI_API_BASE',
      'OPENAI_API_KEY', 'OPENAI_BASE_URL', 'no_proxy',
    ])
    expect(environment).toMatchObject({ IRON_CAGE_AGENT_ID: id, IRON_CAGE_RUN_TOKEN: runToken, IRON_CAGE_URL: url, OPENAI_API_KEY: PLACEHOLDER_KEY })

    expect((await client.say('chat', 'Good morning!')).status).toBe(200)
    const opened = await client.say('agent', '/scopes', { name: 'enrich', budget: '0.000001' })
    expect(opened).toMatchObject({ status: 200, body: { limit: 1_000 } })
    const { scopeId } = opened.body as { scopeId: string }
    expect(await client.say('chat', 'Good morning!', scopeId)).toMatchObject({
      status: 402,
      refusal: 'BUDGET_EXCEEDED',
      body: { error: { iron_cage: { code: 'BUDGET_EXCEEDED', scope: scopeId, limit: 1_000, spent: 0 } } },
    })
    expect(await client.say('agent', `/scopes/${scopeId}/close`, {})).toMatchObject({ status: 200, body: { spent: 0, calls: 0 } })
    expect(await client.say('chat', 'Good morning!', scopeId)).toMatchObject({ status: 403, refusal: 'UNKNOWN_SCOPE' })
    const strict = (await client.say('agent', '/scopes', { name: 'strict', budget: null, safetyMode: 'block' })).body.scopeId
    expect(await client.say('chat', 'Write to ceo@acme.com', strict)).toMatchObject({ status: 403, body: { error: { iron_cage: { code: 'PII_BLOCKED', types: ['email'] } } } })

    const { stdout } = await user.run(['list'])
    expect(stdout).toMatch(new RegExp(`^${id} +running +leads\\.py +${client.child.pid} +\\S.* attached +\\$5\\.00$`, 'm'))
    const told = (await user.run(['status', id])).stdout
    expect(told).toMatch(/^process +attached: the room did not start it/m)
    expect(told).not.toMatch(/^(command|restarts) /m)
    expect((await user.run(['logs', id])).stdout).toBe('The room did not start this process: what it prints stays where it was started.\n')

    expect(await client.say('agent', '/detach', { isOk: true })).toMatchObject({ status: 200 })
    expect(await client.say('chat', 'Good morning!')).toMatchObject({ status: 401, refusal: 'UNKNOWN_RUN' })
    expect((await user.run(['status', id])).stdout).toMatch(/^ended +.*its process was left alone$/m)
    expect(client.child.exitCode).toBeNull()
    expect(await user.run(['restart', id])).toMatchObject({ code: 75, stderr: expect.stringContaining('was not started by the control room') })
  })

  it('is asked to stop over the bridge first, and may leave by itself', async () => {
    const client = startClient()
    const id = idOf(await client.say('attach', {}))
    expect(await client.say('listen')).toMatchObject({ kind: 'welcome', agentId: id })
    const stopped = user.run(['stop', id])
    expect(await client.hear()).toMatchObject({ kind: 'stop', reason: expect.any(String) })
    expect(await stopped).toMatchObject({ code: 0, stdout: `${id} is stopped, its process was left alone\n` })
    expect(client.child.exitCode).toBeNull()
  })

  it('opens scopes and leaves over the bridge, and is told that it has left', async () => {
    const client = startClient()
    const id = idOf(await client.say('attach', {}))
    await client.say('listen', ['scope.open', { name: 'enrich', budget: '2' }], ['agent.attach', {}], ['agent.detach', { isOk: true }])
    expect(await client.hear()).toMatchObject({ kind: 'answer', id: 0, output: { limit: 2_000_000_000 } })
    expect(await client.hear()).toMatchObject({ kind: 'refusal', id: 1, error: { code: 'FORBIDDEN' } })
    expect(await client.hear()).toEqual({ kind: 'answer', id: 2, output: {} })
    expect(await client.hear()).toEqual([expect.stringContaining('"kind":"bye"')])
    expect((await user.run(['status', id])).stdout).toMatch(/^status +stopped$/m)
  })

  it.each([
    ['over-budget', 'at_limit: end\nbudget: 0.000001\n', 402, 'BUDGET_EXCEEDED'],
    ['blocked', 'safety_mode: block\n', 403, 'PII_BLOCKED'],
  ])('is %s where its file says so: the call is refused, and its process ends', async (status, file, code, refusal) => {
    user.write('iron_cage.yaml', file)
    const client = startClient()
    const ended = once(client.child, 'exit')
    const id = idOf(await client.say('attach', {}))
    expect(await client.say('chat', 'Write to ceo@acme.com')).toMatchObject({ status: code, refusal })
    expect(await ended).toEqual([null, 'SIGTERM'])
    const token = readFileSync(join(user.dataFolder, 'owner.token'), 'utf8').trim()
    await vi.waitUntil(async () => {
      const answer = await fetch(`${url}/api/agents/${id}/status`, { headers: { authorization: `Bearer ${token}` } })
      return ((await answer.json()) as { status: string }).status === status
    })
  })

  it('reads the agent file that lies where it runs, and the one that it names', async () => {
    user.write('iron_cage.yaml', 'budget: 7\n')
    const other = user.write('other.yaml', 'budget: 8\nrestart: always\n')
    const client = startClient()
    expect(await client.say('attach', { name: 'process_leads' })).toMatchObject({ body: { agent: { plan: { name: 'process_leads', script: 'process_leads', budget: 7_000_000_000 } } } })
    const script = user.write('leads.py', '')
    expect(await client.say('attach', { config: other })).toMatchObject({ body: { agent: { plan: { script, budget: 8_000_000_000, restart: 'never' } } } })
    expect(await client.say('attach', { budget: 'much' })).toMatchObject({ status: 400, body: { error: { code: 'INVALID_INPUT' } } })
    expect(await client.say('attach', { workingDirectory: 'here' })).toMatchObject({ status: 400 })
  })

  it('needs an admin’s right, and an agent reaches its own run alone', async () => {
    const [one, other] = [startClient(), startClient()]
    await one.say('attach', {})
    const id = idOf(await other.say('attach', {}))
    expect((await one.say('other', '/agents/attach', { name: 'leads.py', pid: one.child.pid, workingDirectory: user.folder })).status).toBe(403)
    for (const path of ['detach', 'scopes']) {
      const body = path === 'scopes' ? { name: 'x', budget: null } : {}
      expect((await one.say('other', `/agents/${id}/${path}`, body)).status).toBe(403)
    }
  })

  it('goes on when the room is gone: its calls reach nobody', async () => {
    const client = startClient()
    await client.say('attach', {})
    room.child.stdin?.end()
    expect((await room.ended).code).toBe(0)
    expect([client.child.exitCode, client.child.signalCode]).toEqual([null, null])
    expect(() => readFileSync(join(user.dataFolder, 'instance.json'))).toThrow('ENOENT')
  })
})
