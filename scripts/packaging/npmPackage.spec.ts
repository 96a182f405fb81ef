import { execFile, spawn, type ExecFileException } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>
}

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const root = join(import.meta.dirname, '..', '..')
const PACK_MS = 60_000
const INSTALL_MS = 240_000
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string; version: string; scripts: Record<string, string> }
const isBuilt = existsSync(join(root, 'out', 'main', 'cli.js'))

let home: string
let tarball: string
let names: string[]
/** Why it could not be installed; null where it was. */
let missing: string | null = null

/** What a shell of somebody else has: nothing of ours, nor of the npm that runs these tests. */
function environment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|IRON_|VITEST|NODE_)/.test(name) && name !== 'INIT_CWD')
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: path, IRON_CAGE_HOME: join(home, 'data'), IRON_CAGE_KEYCHAIN: 'off', IRON_CAGE_PORT: '0' }
}

function run(cwd: string, program: string, args: readonly string[], timeout = PACK_MS): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd, env: environment(), timeout, shell: process.platform === 'win32', maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(program, args, options, (problem: ExecFileException | null, stdout, stderr) => {
      resolve({ code: typeof problem?.code === 'number' ? problem.code : problem ? 1 : 0, stdout, stderr })
    })
    child.stdin?.end()
  })
}

async function pack(): Promise<void> {
  // Its own first step would build.
  const { stdout, stderr } = await run(root, 'npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home])
  const said = JSON.parse(stdout || 'null') as Record<string, { filename: string; files: { path: string }[] }> | null
  const packed = said && Object.values(said)[0]
  if (!packed) throw new Error(stderr)
  names = packed.files.map(({ path }) => path)
  tarball = packed.filename
}

/** From npm's cache alone, which has what `npm ci` has brought; so in the versions that are locked here. */
async function install(): Promise<void> {
  const { packages, ...lock } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  const needed = Object.entries(packages).filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  const dependencies = { [manifest.name]: `file:${tarball}` }
  const integrity = `sha512-${createHash('sha512').update(readFileSync(join(home, tarball))).digest('base64')}`
  const ours = { ...packages[''], resolved: `file:${tarball}`, integrity }
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies }))
  const locked = { '': { dependencies }, [`node_modules/${manifest.name}`]: ours, ...Object.fromEntries(needed) }
  writeFileSync(join(home, 'package-lock.json'), JSON.stringify({ ...lock, packages: locked }))
  const { code, stderr } = await run(home, 'npm', ['ci', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], INSTALL_MS)
  if (code !== 0) {
    if (!stderr.includes('ENOTCACHED')) throw new Error(stderr)
    missing = 'npm has not everything of it in its cache, and the registry is not asked'
    return
  }
  // Of its install scripts only this one matters here, and it would compile for half a minute what has been compiled already.
  cpSync(join(root, 'node_modules/node-pty/build'), join(home, 'node_modules/node-pty/build'), { recursive: true, force: true })
}

describe.skipIf(!isBuilt)(`the npm package${isBuilt ? '' : ' (skipped: npm run build has not been run)'}`, () => {
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'iron-cage-npm-'))
    await pack()
    await install()
  }, PACK_MS + INSTALL_MS)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('holds what is needed to run it, and no more', () => {
    for (const name of ['package.json', 'README.md', 'out/main/cli.js', 'out/main/headless.js', 'out/main/tokenWorker.js', 'out/main/keychainProcess.js', 'out/renderer/index.html', 'out/renderer/THIRD-PARTY-NOTICES.txt', 'resources/pricing.json', 'resources/demo/leads.csv', 'resources/python/bootstrap/sitecustomize.py', 'resources/python/iron_cage/py.typed']) {
      expect(names).toContain(name)
    }
    expect(names.filter((name) => !/^(out|resources)\//.test(name)).sort()).toEqual(['README.md', 'package.json'])
    expect(names.filter((name) => /\.spec\.|\.map$|^out\/preload|\/tests\/|\/requirements\/|__pycache__|\/\./.test(name))).toEqual([])
  })

  it('is built before it is packed', () => {
    expect(manifest.scripts.prepack).toBe('node scripts/setup.mjs start')
  })

  it('needs nothing that only building needs', ({ skip }) => {
    skip(missing !== null, missing ?? '')
    for (const name of ['fastify', 'zod', 'better-sqlite3']) expect(existsSync(join(home, 'node_modules', name))).toBe(true)
    for (const name of ['electron', 'electron-builder', 'vite', 'vue', 'typescript']) expect(existsSync(join(home, 'node_modules', name))).toBe(false)
  })

  it('runs with npx: says its version', async ({ skip }) => {
    skip(missing !== null, missing ?? '')
    const { stdout, code } = await run(home, 'npx', ['--no-install', 'iron_cage', '--version'])
    expect([stdout, code]).toEqual([`iron_cage ${manifest.version}\n`, 0])
  })

  it('runs an agent, and ends with its exit code', async ({ skip }) => {
    skip(missing !== null, missing ?? '')
    writeFileSync(join(home, 'agent.py'), 'import os, sys\nprint("Python finds", os.environ["PYTHONPATH"])\nsys.exit(7)\n')
    const { stdout, stderr, code } = await run(home, 'npx', ['--no-install', 'iron_cage', 'start', 'agent.py', '--restart', 'never'])
    expect(stdout, stderr).toContain(join(manifest.name, 'resources', 'python', 'bootstrap'))
    expect(code).toBe(7)
  })

  it('serves the room for a browser', async ({ skip }) => {
    skip(missing !== null, missing ?? '')
    const program = join(home, 'node_modules', manifest.name, 'out', 'main', 'cli.js')
    const room = spawn(process.execPath, [program, 'serve', '--json', '--until-stdin-closes'], { cwd: home, env: environment(), stdio: ['pipe', 'pipe', 'ignore'] })
    const gone = once(room, 'exit')
    const first = Promise.withResolvers<{ url: string }>()
    createInterface({ input: room.stdout }).once('line', (line) => first.resolve(JSON.parse(line) as { url: string }))
    const { url } = await Promise.race([first.promise, gone.then(([code]) => Promise.reject(new Error(`exit code ${code}`)))])
    const token = readFileSync(join(home, 'data', 'owner.token'), 'utf8').trim()
    const asked = await fetch(`${url}/api/identity`, { headers: { authorization: `Bearer ${token}` } })
    expect([asked.status, await asked.json()]).toEqual([200, expect.objectContaining({ version: manifest.version })])
    const page = await fetch(`${url}/sign-in`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Iron Cage')])
    room.stdin.end()
    expect((await gone)[0]).toBe(0)
  })
})
