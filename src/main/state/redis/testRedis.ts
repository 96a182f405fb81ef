import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'

/** A real server on loopback, in a folder of its own. */
export interface TestRedis {
  readonly url: string
  /** SIGKILL, and begun anew at the same address; what it kept on disk, it knows again. */
  restart(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  /** SIGSTOP and SIGCONT: it is there and says nothing. */
  pause(): void
  resume(): void
  /** As somebody at the server's own command line. */
  ask(words: string[]): Promise<string>
  /** How many are connected, not counting who asks. */
  connections(): Promise<number>
  stop(): Promise<void>
}

export const REDIS_PASSWORD = 'invented-redis-password'

export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0
}

export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  const port = await freePort()
  let server: ChildProcess | null = null

  async function start(): Promise<void> {
    const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--requirepass', REDIS_PASSWORD, '--appendonly', 'yes', '--appendfsync', 'no', '--save', '']
    const child = spawn('redis-server', settings, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
    server = child
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`The server ended: ${said}`)))
      child.stdout?.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4_000)
        if (said.includes('Ready to accept connections')) resolve()
      })
    })
  }
  async function kill(): Promise<void> {
    if (server === null) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
    server = null
  }
  await start()
  const url = `redis://:${REDIS_PASSWORD}@127.0.0.1:${port}`
  async function ask(words: string[]): Promise<string> {
    const client = await createClient({ url, socket: { reconnectStrategy: false } }).connect()
    try {
      return String(await client.sendCommand(words))
    } finally {
      client.destroy()
    }
  }
  return {
    url,
    start,
    kill,
    async restart() {
      await kill()
      await start()
    },
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    ask,
    connections: async () => (await ask(['CLIENT', 'LIST'])).trim().split('\n').length - 1,
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
