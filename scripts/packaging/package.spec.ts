import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { extractFile, getRawHeader, listPackage } from '@electron/asar'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packAround } from './fakeElectron.ts'
import { requireFuses } from './fuses.ts'
import { ICON_FOLDER, writeIcons } from './icons.ts'
import { NOTICES } from './notices.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const PACK_MS = 180_000

// Electron itself may be out of reach here, and nothing of it is needed to see what a package holds; what is needed is what `npm run build` makes.
const isBuilt = existsSync(join(root, 'out', 'main', 'index.js'))
const reason = process.platform !== 'linux' ? 'made on Linux here' : isBuilt ? '' : 'npm run build has not been run'

describe.skipIf(reason !== '')(`the package of the desktop window${reason && ` (skipped: ${reason})`}`, () => {
  let home: string
  let installed: string
  let archive: string
  let unpacked: string
  let names: string[]

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'iron-cage-package-'))
    writeIcons(join(root, ICON_FOLDER))
    installed = await packAround(home, 'linux')
    archive = join(installed, 'resources', 'app.asar')
    unpacked = `${archive}.unpacked`
    names = listPackage(archive, { isPack: false }).map((name) => name.replaceAll('\\', '/').slice(1))
  }, PACK_MS)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const isUnpacked = (name: string): boolean => existsSync(join(unpacked, name))

  it('holds the bundles, the page and what they load, and nothing of how they are made', () => {
    for (const name of ['package.json', 'out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html', 'node_modules/fastify', 'node_modules/electron-updater']) expect(names).toContain(name)
    const folders = new Set(names.map((name) => name.split('/')[0]))
    expect([...folders].sort()).toEqual(['node_modules', 'out', 'package.json'])
    expect(names.filter((name) => /^node_modules\/(electron|vite|vue|typescript|vitest|playwright|electron-builder|node|@types)(\/|$)/.test(name))).toEqual([])
    expect(names.filter((name) => /^out\/main\/(cli|headless)\.js$|\.map$|^out\/.*\.spec\./.test(name))).toEqual([])
  })

  it('has its native parts beside the archive, for this system alone', async () => {
    const native = names.filter((name) => name.endsWith('.node'))
    const modules = native.map((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? name)
    const system = `${process.platform}-${process.arch}`
    for (const module of ['better-sqlite3', 'keytar', 'node-pty']) expect(modules.filter((one) => one === module)).toHaveLength(1)
    expect(modules.filter((one) => one.startsWith(`@node-rs/argon2-${system}`) || one.startsWith(`@node-rs/bcrypt-${system}`))).not.toEqual([])
    expect(native.filter((name) => !isUnpacked(name))).toEqual([])
    expect(names.filter((name) => /node_modules\/(better-sqlite3|keytar|node-pty)\/(src|deps|third_party)\//.test(name))).toEqual([])
    const use = "const Database = require('better-sqlite3'); console.log(new Database(':memory:').prepare('select 7').pluck().get(), typeof require('node-pty').spawn)"
    expect((await run(process.execPath, ['-e', use], { cwd: unpacked })).stdout).toBe('7 function\n')
  })

  it('has what Python reads beside the archive, without its tests', () => {
    const resources = join(installed, 'resources')
    for (const name of ['pricing.json', 'demo/lead_gen_agent.py', 'demo/leads.csv', 'python/bootstrap/sitecustomize.py', 'python/iron_cage/py.typed']) {
      expect(existsSync(join(resources, name)), name).toBe(true)
    }
    expect(readdirSync(join(resources, 'python'))).not.toContain('tests')
    expect(readdirSync(resources, { recursive: true }).filter((name) => String(name).includes('__pycache__'))).toEqual([])
  })

  it('says beside the archive whose work goes along, and under which terms', () => {
    const notices = readFileSync(join(installed, 'resources', NOTICES), 'utf8')
    const modules = new Set(names.flatMap((name) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(name)?.[1] ?? []))
    expect(modules.size).toBeGreaterThan(50)
    // One lies in a folder of another name than its own.
    const named = [...modules].map((name) => (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { name: string }).name)
    expect(named.filter((name) => !notices.includes(`\n${name} `))).toEqual([])
    expect(notices).toMatch(/^@vue\/runtime-dom \d+\.\d+\.\d+ \(MIT\)$/m)
  })

  it('counts tokens in a thread that is started from beside the archive', async () => {
    const worker = new Worker(join(unpacked, 'out/main/tokenWorker.js'))
    const answer = new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject))
    worker.postMessage({ id: 1, encoding: 'o200k_base', texts: ['hello world'] })
    expect(await answer).toEqual({ id: 1, tokens: 2 })
    await worker.terminate()
  })

  it('has every fuse as it should be, and an archive whose header knows each file by its hash', async () => {
    await requireFuses(join(installed, 'iron-cage-control-room'))
    const { files } = getRawHeader(archive).header as unknown as { files: { 'package.json': { integrity?: { algorithm: string } } } }
    expect(files['package.json'].integrity?.algorithm).toBe('SHA256')
  })

  it('is called and numbered as package.json says, and knows of no place for new versions', () => {
    const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>
    const packed = JSON.parse(extractFile(archive, 'package.json').toString()) as Record<string, unknown>
    for (const key of ['name', 'productName', 'version', 'main', 'desktopName']) expect(packed[key]).toEqual(own[key])
    expect(packed).not.toHaveProperty('devDependencies')
    expect(existsSync(join(installed, 'resources', 'app-update.yml'))).toBe(false)
  })
})
