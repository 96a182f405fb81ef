import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { askAsOwner, plainEnvironment } from '../e2e/hosts/roomProcess.ts'

/** Something between the client and the upstream, in a process of its own. */
export interface Target {
  readonly name: string
  readonly pid: number | null
  /** Where a chat completion is asked for. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  close(): Promise<void>
}

const root = join(import.meta.dirname, '..')
const HTTP_URL = /(http:\/\/127\.0\.0\.1:\d+)/

interface Started {
  readonly child: ChildProcess
  readonly url: string
  stop(): Promise<void>
}

/** A server that says on its standard output where it is. */
async function start(args: readonly string[], environment?: Record<string, string>, cwd = root, notes: 'pipe' | number = 'pipe'): Promise<Started> {
  const child = spawn(process.execPath, args, { cwd, env: environment ?? process.env, stdio: ['ignore', 'pipe', notes] })
  const ended = once(child, 'exit')
  let complaint = ''
  child.stderr?.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2_000)))
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
    await ended
    clearTimeout(timer)
  }
  const lines = createInterface({ input: child.stdout! })
  const found = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const url = HTTP_URL.exec(line)?.[1]
      if (url) resolve(url)
    })
    void ended.then(() => reject(new Error(`${args.join(' ')} ended before it listened: ${complaint}`)))
    setTimeout(() => reject(new Error(`${args.join(' ')} did not listen within 30 s: ${complaint}`)), 30_000).unref()
  })
  try {
    return { child, url: await found, stop }
  } catch (problem) {
    await stop()
    throw problem
  }
}

export async function openUpstream(): Promise<Target> {
  const { child, url, stop } = await start([join(import.meta.dirname, 'gatewayUpstream.ts')])
  return { name: 'direct', pid: child.pid ?? null, url: new URL('/v1/chat/completions', url), headers: {}, close: stop }
}

export async function openBareProxy(upstream: URL): Promise<Target> {
  const { child, url, stop } = await start([join(import.meta.dirname, 'bareProxy.ts'), upstream.origin])
  return { name: 'bare undici', pid: child.pid ?? null, url: new URL(upstream.pathname, url), headers: {}, close: stop }
}

/** The built room as people start it, with an agent under supervision whose address the client then uses. Traces go to the upstream, which takes anything. */
export async function openRoom(upstream: URL, isTraced: boolean): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'iron-cage-bench-'))
  const said = join(folder, 'address')
  writeFileSync(join(folder, 'agent.mjs'), AGENT)
  const environment = plainEnvironment(folder, { IRON_CAGE_UPSTREAM_OPENAI: `${upstream.origin}/v1`, IRON_CAGE_PROVIDER: 'live', ...(isTraced && { IRON_CAGE_OTEL_ENDPOINT: upstream.origin }) })
  // A line for every call: into a file, for a pipe would have to be emptied by the client in the middle of its measuring.
  const notes = openSync(join(folder, 'notes'), 'w')
  const { child, stop } = await start(['--max-semi-space-size=8', join(root, 'out/main/headless.js'), '--port', '0'], environment, root, notes)
  closeSync(notes)
  const close = async (): Promise<void> => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const address = fileWritten(folder, said)
    const launch = { script: join(folder, 'agent.mjs'), args: [said], interpreter: process.execPath, budget: '1000000' }
    const started = await askAsOwner(folder, 'POST', '/agents', launch)
    const base = await address.catch((problem: unknown) => {
      throw new Error(`The agent did not start: ${JSON.stringify(started)}`, { cause: problem })
    })
    return { name: isTraced ? 'ours, traced' : 'ours', pid: child.pid ?? null, url: new URL(`${base}/chat/completions`), headers: {}, close }
  } catch (problem) {
    await close()
    throw problem
  }
}

const AGENT = `import { renameSync, writeFileSync } from 'node:fs'
const [said] = process.argv.slice(2)
writeFileSync(said + '.part', process.env.OPENAI_BASE_URL)
renameSync(said + '.part', said)
setInterval(() => {}, 60_000)
`

async function fileWritten(folder: string, file: string): Promise<string> {
  const watcher = watch(folder)
  try {
    const signal = AbortSignal.timeout(20_000)
    while (!existsSync(file)) await once(watcher, 'change', { signal })
    return readFileSync(file, 'utf8')
  } finally {
    watcher.close()
  }
}

const PORTKEY = '@portkey-ai/gateway@1.15.2'

/** Portkey's gateway, installed once outside of the tree; null, with the reason, where it cannot be had. */
export async function openPortkey(upstream: URL): Promise<Target | { readonly missing: string }> {
  const folder = join(root, '.cache', 'portkey-1.15.2')
  const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"private":true}')
    const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', PORTKEY]
    const { status, stderr, error } = spawnSync('npm', npm, { cwd: folder, encoding: 'utf8', timeout: 300_000 })
    if (status !== 0) return { missing: `${PORTKEY} could not be installed: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? ''}` }
  }
  const preload = ['--import', join(import.meta.dirname, 'portkeyPreload.mjs')]
  const { child, url, stop } = await start([...preload, program, '--port=0', '--headless'], undefined, folder)
  const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream.origin}/v1` }
  return { name: 'Portkey', pid: child.pid ?? null, url: new URL(upstream.pathname, url), headers, close: stop }
}
