import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findApplication } from '../../application.ts'
import { createTestRouter } from '../../router/testRouter.ts'
import type { Router } from '../../router/router.ts'
import { systemClock } from '../../systemPorts.ts'
import type { AgentBridge } from '../bridge.ts'
import { procProcessTable } from '../processTable.ts'
import { createBridge, type BridgeLimits } from './createBridge.ts'
import { signalProcess } from './signalProcess.ts'

export const AGENT = 'lg-7a3f9c2d'
export const TOKEN = 'feedc0de00000000feedc0de00000000'
export const BOOTSTRAP = join(findApplication().folder, 'resources', 'python', 'bootstrap')

/** A real bridge in a folder of its own, for one run whose secrets a test changes. For specs only. */
export interface TestBridge {
  readonly bridge: AgentBridge
  readonly path: string
  readonly defects: unknown[]
  /** Of processes to which SIGUSR1 was sent. */
  readonly signalled: number[]
  /** Whoever did not speak as agreed, and what was told of it. */
  readonly misbehaved: [string | null, string][]
  /** What stands behind the door; a test puts in its own. */
  request: Router['request']
  /** Runs by their tokens. */
  readonly runs: Map<string, string>
  secrets: Record<string, string>
  generation: number
  /** Resolves when so many processes have said hello. */
  greeted(number: number): Promise<void>
  /** Gives the secrets another generation, and tells. */
  rotate(secrets: Record<string, string>): ReturnType<AgentBridge['tellOfSecrets']>
  python(text: string, options?: PythonOptions): PythonAgent
  close(): Promise<void>
}

export interface PythonOptions {
  readonly program?: string
  readonly flags?: readonly string[]
  readonly environment?: Record<string, string>
}

export interface PythonAgent {
  readonly process: ChildProcess
  /** Resolves when it has printed so many lines. */
  lines(number: number): Promise<string[]>
  say(line: string): void
  readonly over: Promise<{ code: number | null; signal: string | null; output: string; errors: string }>
}

export async function createTestBridge(limits: Partial<BridgeLimits> = {}): Promise<TestBridge> {
  const folder = await mkdtemp(join(tmpdir(), 'iron-cage-bridge-'))
  const defects: unknown[] = []
  const signalled: number[] = []
  const misbehaved: [string | null, string][] = []
  const children: ChildProcess[] = []
  const looks = new Set<() => void>()
  let greetings = 0
  const runs = new Map([[TOKEN, AGENT]])
  const bridge = await createBridge({
    dataFolder: folder,
    clock: systemClock,
    findRun: (token) => (runs.has(token) ? { agentId: runs.get(token) as string } : null),
    secretsOf: async () => ({ secrets: test.secrets, generation: test.generation }),
    version: '0.0.0',
    request: (name, input, caller) => test.request(name, input, caller),
    onMisbehaved: (agentId, message) => void misbehaved.push([agentId, message]),
    generationOf() {
      greetings++
      for (const look of looks) look()
      return test.generation
    },
    async signal(_agentId, pid, runToken, isAsked) {
      const isSent = await signalProcess(pid, { table: procProcessTable, pid: null, runToken, isAsked })
      if (isSent) signalled.push(pid)
      return isSent
    },
    onDefect: (defect) => void defects.push(defect),
    limits,
  })
  const path = bridge.environmentOf(AGENT, TOKEN)['IRON_CAGE_BRIDGE'] as string
  const test: TestBridge = {
    bridge,
    path,
    defects,
    signalled,
    misbehaved,
    request: createTestRouter().router.request,
    runs,
    secrets: {},
    generation: 0,
    greeted: (number) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (greetings < number) return
          looks.delete(look)
          resolve()
        }
        looks.add(look)
        look()
      }),
    rotate(secrets) {
      test.secrets = secrets
      test.generation++
      return bridge.tellOfSecrets(AGENT, test.generation)
    },
    python(text, { program = 'python3', flags = [], environment = {} } = {}) {
      const { PATH = '', PYENV_VERSION } = process.env
      const ours = { PYTHONPATH: BOOTSTRAP, IRON_CAGE_BRIDGE: path, IRON_CAGE_RUN_TOKEN: TOKEN, PYTHONDONTWRITEBYTECODE: '1' }
      const env = { PATH, ...(PYENV_VERSION ? { PYENV_VERSION } : {}), ...ours, ...environment }
      const child = spawn(program, [...flags, '-u', '-c', text], { env, stdio: ['pipe', 'pipe', 'pipe'] })
      children.push(child)
      return agentOf(child)
    },
    async close() {
      for (const child of children) child.kill('SIGKILL')
      await bridge.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return test
}

function agentOf(child: ChildProcess): PythonAgent {
  let output = ''
  let errors = ''
  let waiting: { number: number; resolve(lines: string[]): void }[] = []
  child.stdin?.on('error', () => undefined)
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    look()
  })
  const whole = (): string[] => output.split('\n').slice(0, -1)
  const look = (): void => {
    waiting = waiting.filter(({ number, resolve }) => {
      if (whole().length < number) return true
      resolve(whole())
      return false
    })
  }
  return {
    process: child,
    lines: (number) =>
      new Promise((resolve) => {
        waiting.push({ number, resolve })
        look()
      }),
    say: (line) => void child.stdin?.write(`${line}\n`),
    over: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, output, errors }))),
  }
}

/** Somebody who speaks with the bridge line by line. */
export interface TestCaller {
  readonly socket: Socket
  send(message: unknown): void
  /** What was said for welcome and for good-bye; it comes by no other way. */
  readonly courtesies: Record<string, unknown>[]
  /** Resolves with the next message. */
  next(): Promise<Record<string, unknown>>
  readonly gone: Promise<void>
}

export async function callBridge(path: string): Promise<TestCaller> {
  const socket = createConnection(path)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const messages: Record<string, unknown>[] = []
  const courtesies: Record<string, unknown>[] = []
  const waiting: ((message: Record<string, unknown>) => void)[] = []
  let text = ''
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    text += chunk.toString()
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const message = JSON.parse(line) as Record<string, unknown>
      if (message['kind'] === 'welcome' || message['kind'] === 'bye') {
        courtesies.push(message)
        continue
      }
      const first = waiting.shift()
      if (first) first(message)
      else messages.push(message)
    }
  })
  const gone = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  return {
    socket,
    courtesies,
    gone,
    send: (message) => void socket.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    next: () => {
      const first = messages.shift()
      return first ? Promise.resolve(first) : new Promise((resolve) => void waiting.push(resolve))
    },
  }
}

export function hello(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { kind: 'hello', token: TOKEN, language: 'invented', pid: 4711, sdk: 'spec 1', handles: { signal: false, secrets: true }, ...changes }
}
