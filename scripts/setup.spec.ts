import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** Of no Node that a machine could have. */
const NODE = '99.1.0'

/** Says what it was asked and by which Node, and does as npm would, as far as set-up looks. */
const NPM = `
const { appendFileSync, mkdirSync, rmSync, writeFileSync } = require('node:fs')
const [command, name] = process.argv.slice(2)
const env = process.env
appendFileSync(env.INVENTED_LOG, JSON.stringify({ does: name?.startsWith('-') ? command : command + ' ' + name, node: process.execPath, headers: env.npm_config_nodedir ?? null }) + '\\n')
console.log('npm says something')
if (env.INVENTED_FAILURE === name) {
  console.error(env.INVENTED_WORDS)
  process.exit(1)
}
if (command === 'ci') rmSync('node_modules', { recursive: true, force: true })
mkdirSync('node_modules/node/node_modules', { recursive: true })
writeFileSync('node_modules/node/package.json', '{ "version": "${NODE}" }')
if (name === 'node' && env.INVENTED_HEADERS) {
  mkdirSync('node_modules/node/node_modules/node-invented/include/node', { recursive: true })
  writeFileSync('node_modules/node/node_modules/node-invented/include/node/node.h', '')
  writeFileSync('node_modules/node/node_modules/node-invented/include/node/node_version.h', '#define NODE_MAJOR_VERSION 99\\n')
}
`
const STEPS = ['ci', 'rebuild node', 'rebuild node-pty']

let home: string
/** With a space in it, as folders have. */
let root: string
let programs: string
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'set-up-')))
  root = join(home, 'control room')
  programs = join(home, 'programs')
  mkdirSync(join(root, 'scripts'), { recursive: true })
  mkdirSync(programs)
  copyFileSync(join(import.meta.dirname, 'setup.mjs'), join(root, 'scripts/setup.mjs'))
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) writeFileSync(join(root, file), '{ "type": "module" }')
  for (const name of ['python3', 'make', 'g++']) writeFileSync(join(programs, name), '', { mode: 0o755 })
  writeFileSync(join(home, 'invented npm.cjs'), NPM)
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const environment = (more: Record<string, string> = {}) => ({ PATH: programs, npm_execpath: join(home, 'invented npm.cjs'), INVENTED_LOG: join(home, 'log'), ...more })

function setUp(more: Record<string, string> = {}, [program, ...flags]: [string, ...string[]] = [process.execPath]): SpawnSyncReturns<string> {
  return spawnSync(program, [...flags, join(root, 'scripts/setup.mjs'), 'dependencies'], { env: environment(more), encoding: 'utf8' })
}

/** What npm was asked since the last look. */
function asked(): { does: string; node: string; headers: string | null }[] {
  const log = join(home, 'log')
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
  rmSync(log, { force: true })
  return lines.map((line) => JSON.parse(line))
}
const steps = (): string[] => asked().map(({ does }) => does)

/** A Node of a version, with its header files beside it. */
function putNode(folder: string, major: number): string {
  for (const name of ['bin', 'include/node']) mkdirSync(join(folder, name), { recursive: true })
  for (const name of ['bin/node', 'bin/node.exe', 'include/node/node.h']) writeFileSync(join(folder, name), '')
  writeFileSync(join(folder, 'include/node/node_version.h'), `#define NODE_VERSION_H\n#define NODE_MAJOR_VERSION ${major}\n`)
  return join(folder, 'bin')
}

describe.skipIf(process.platform === 'win32')('set-up', () => {
  it('brings what is missing, in order, and a second time nothing; all that it says goes to standard error', () => {
    const { status, stdout, stderr } = setUp()
    expect([status, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(/Installing dependencies[\s\S]*Preparing Node 24[\s\S]*Building the terminal/)
    expect(stderr).not.toContain('npm says')
    expect(steps()).toEqual(STEPS)
    expect(setUp().status).toBe(0)
    expect(steps()).toEqual([])
  })

  it('is done anew over older dependencies, by a Node that stays when those are taken away', () => {
    setUp()
    asked()
    writeFileSync(join(root, 'package-lock.json'), '{ "newer": true }')
    const own = join(root, 'node_modules/node/bin/node')
    mkdirSync(dirname(own))
    try {
      linkSync(process.execPath, own)
    } catch {
      copyFileSync(process.execPath, own)
    }
    const { status, stderr } = setUp({ npm_node_execpath: process.execPath }, [own])
    expect([status, stderr.replace(/^(·|  done).*\n/gm, '')]).toEqual([0, ''])
    expect(existsSync(own)).toBe(false)
    const calls = asked()
    expect(calls.map(({ does }) => does)).toEqual(STEPS)
    expect(new Set(calls.map(({ node }) => node))).toEqual(new Set([realpathSync(process.execPath)]))
  })

  it('shows the words of what failed, and does it again the next time', () => {
    const { status, stderr } = setUp({ INVENTED_FAILURE: 'node', INVENTED_WORDS: 'the disk is full' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/Preparing Node 24: it failed[\s\S]*the disk is full/)
    asked()
    expect(setUp().status).toBe(0)
    expect(steps()).toEqual(STEPS)
  })

  it('waits for another set-up, and says for which process', async () => {
    mkdirSync(join(root, '.cache'))
    const lock = join(root, '.cache/setup.lock')
    writeFileSync(lock, String(process.pid))
    const child = spawn(process.execPath, [join(root, 'scripts/setup.mjs'), 'dependencies'], { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = once(child, 'exit')
    const [words] = (await once(child.stderr, 'data')) as [Buffer]
    expect(String(words)).toContain(`(process ${process.pid}); waiting for it. If that is none, delete ${lock}.`)
    expect(steps()).toEqual([])
    rmSync(lock)
    expect(await ended).toEqual([0, null])
    expect(steps()).toEqual(STEPS)
  })

  it('quotes what the shell of Windows would take apart', () => {
    const preload = join(home, 'windows.mjs')
    writeFileSync(preload, `Object.defineProperty(process, 'platform', { value: 'win32' })`)
    const { status, stderr } = setUp({ comspec: '/bin/sh' }, [process.execPath, '--import', preload])
    expect([status, stderr.replace(/^(·|  done).*\n/gm, '')]).toEqual([0, ''])
    expect(steps()).toEqual(STEPS)
  })
})

describe.skipIf(process.platform === 'win32')('the header files that building the terminal needs', () => {
  const headers = (): string | null | undefined => asked().at(-1)?.headers

  it('are those that came with the project’s own Node, for that step alone', () => {
    expect(setUp({ INVENTED_HEADERS: 'yes' }).status).toBe(0)
    expect(asked().map((one) => one.headers)).toEqual([null, null, join(root, 'node_modules/node/node_modules/node-invented')])
  })

  it('may lie beside another Node of the same version', () => {
    const path = [putNode(join(home, 'older'), 98), putNode(join(home, 'same'), 99), programs].join(':')
    expect(setUp({ PATH: path }).status).toBe(0)
    expect(headers()).toBe(join(home, 'same'))
  })

  it('are left to node-gyp where none fit', () => {
    expect(setUp({ PATH: `${putNode(join(home, 'older'), 98)}:${programs}` }).status).toBe(0)
    expect(headers()).toBeNull()
  })

  it('are whose folder somebody has named to npm', () => {
    expect(setUp({ INVENTED_HEADERS: 'yes', npm_config_nodedir: '/named' }).status).toBe(0)
    expect(headers()).toBe('/named')
  })

  it.each([
    'gyp ERR! stack Error: This is most likely not a problem with node-gyp or the package itself and\ngyp ERR! stack is related to network connectivity.',
    'gyp ERR! stack FetchError: request to https://mirror.example/node-v99.1.0-headers.tar.gz failed',
    'gyp ERR! stack Error: getaddrinfo ENOTFOUND nodejs.org',
  ])('are asked for in a sentence where none can be had: %s', (words) => {
    const { status, stderr } = setUp({ INVENTED_FAILURE: 'node-pty', INVENTED_WORDS: words })
    expect(status).toBe(1)
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `Building the terminal needs Node's header files, which could not be fetched: try again where nodejs.org can be reached, or unpack Node 99's own archive and name its folder with "npm config set nodedir FOLDER".`,
    )
    expect(stderr).not.toContain('gyp ERR')
  })

  it('are not what is amiss when compiling fails', () => {
    expect(setUp({ INVENTED_FAILURE: 'node-pty', INVENTED_WORDS: 'pty.cc:1:1: error' }).stderr).toMatch(/it failed[\s\S]*pty\.cc:1:1: error/)
  })
})
