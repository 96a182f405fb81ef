// Makes a fresh clone ready: system packages, dependencies, bundles. Plain Node 20 and no dependency, for it runs before there are any.
// What is done already is skipped. Everything it says goes to standard error: standard output belongs to the command that follows.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tools = join(root, 'node_modules', '.bin')
const isLinux = process.platform === 'linux'
const isWindows = process.platform === 'win32'

const say = (text) => process.stderr.write(`${text}\n`)

class SetupError extends Error {}

/** Runs a program; its output is shown only when it fails. */
function run(what, program, args, options = {}) {
  const startedAt = Date.now()
  say(`· ${what} …`)
  // Windows runs what is no .exe through its shell alone, which takes what is not quoted apart.
  const isForShell = isWindows && !program.endsWith('.exe')
  const result = spawnSync(isForShell ? [program, ...args].map(quoted).join(' ') : program, isForShell ? [] : args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${tools}${delimiter}${process.env.PATH ?? ''}`, ...options.env },
    shell: isForShell,
  })
  if (result.status !== 0) {
    const lines = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n')
    const output = lines.length > 60 ? [...lines.slice(0, 30), '…', ...lines.slice(-30)] : lines
    throw new SetupError(`${what}: it failed (${program} ${args.join(' ')}).\n${output.join('\n') || (result.error?.message ?? '')}`)
  }
  say(`  done in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`)
  return result
}

const quoted = (word) => (/[^\w\\/:.=-]/.test(word) ? `"${word}"` : word)

function nodesElsewhere() {
  const isOwn = (program) => program.startsWith(join(root, 'node_modules'))
  const onPathAll = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, isWindows ? 'node.exe' : 'node'))
  return [process.execPath, process.env.npm_node_execpath, ...onPathAll].filter((program) => program && !isOwn(program) && existsSync(program))
}

/** Once there is a Node of the project's own, npm runs this with it; a new set-up takes that one away in its midst. */
const lastingNode = () => nodesElsewhere()[0] ?? process.execPath

const npm = (what, args, env = {}) =>
  process.env.npm_execpath ? run(what, lastingNode(), [process.env.npm_execpath, ...args], { env }) : run(what, 'npm', args, { env })

const onPath = (program) => (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)))

/** What Linux needs that npm cannot bring. `isThere` looks without changing anything. */
const SYSTEM_PACKAGES = [
  { name: 'python3', for: ['start', 'test'], isThere: () => onPath('python3'), isNeeded: true },
  { name: 'python3-venv', for: ['test'], isThere: hasVenv, isNeeded: false },
  { name: 'make', for: ['start', 'test'], isThere: () => isTerminalBuilt() || onPath('make'), isNeeded: true },
  { name: 'g++', for: ['start', 'test'], isThere: () => isTerminalBuilt() || onPath('g++'), isNeeded: true },
  { name: 'libsecret-1-0', for: ['start', 'test'], isThere: () => hasLibrary('libsecret-1.so.0'), isNeeded: false },
  { name: 'chromium', for: ['test'], isThere: () => ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].some(onPath), isNeeded: true },
  { name: 'dbus', for: ['test'], isThere: () => onPath('dbus-run-session'), isNeeded: false },
  { name: 'gnome-keyring', for: ['test'], isThere: () => onPath('gnome-keyring-daemon'), isNeeded: false },
  { name: 'postgresql', for: ['test'], isThere: hasPostgres, isNeeded: false },
  { name: 'redis-server', for: ['test'], isThere: () => onPath('redis-server'), isNeeded: false },
]

function isTerminalBuilt() {
  return existsSync(join(root, 'node_modules', 'node-pty', 'build', 'Release', 'pty.node'))
}

function hasLibrary(name) {
  const listed = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' })
  return listed.status === 0 && listed.stdout.includes(name)
}

/** Debian's Python comes without what makes virtual environments. */
function hasVenv() {
  return spawnSync('python3', ['-c', 'import venv, ensurepip'], { encoding: 'utf8' }).status === 0
}

/** Its programs lie beside the path. */
function hasPostgres() {
  const debian = '/usr/lib/postgresql'
  return onPath('initdb') || (existsSync(debian) && readdirSync(debian).some((version) => existsSync(join(debian, version, 'bin', 'initdb'))))
}

/** Tests start servers of their own: none that comes with a package is left running. Whoever has a policy already keeps it. */
function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return install()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return install()
  } finally {
    rmSync(policy, { force: true })
  }
}

function ensureSystemPackages(purpose) {
  if (!isLinux) return
  const missing = SYSTEM_PACKAGES.filter((entry) => entry.for.includes(purpose) && !entry.isThere())
  if (missing.length === 0) return
  const names = missing.map((entry) => entry.name)
  const mayInstall = onPath('apt-get') && process.getuid?.() === 0
  if (mayInstall) {
    const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } }
    run('Reading the list of system packages', 'apt-get', ['update', '-qq'], quiet)
    withoutServices(() => run(`Installing system packages: ${names.join(', ')}`, 'apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], quiet))
    return
  }
  const command = onPath('apt-get') ? `sudo apt-get install ${names.join(' ')}` : `the packages that your system calls ${names.join(', ')}`
  if (missing.some((entry) => entry.isNeeded)) throw new SetupError(`These system packages are missing; install them and try again: ${command}`)
  say(`· Works without, but better with: ${command}`)
}

function dependencyState() {
  const hash = createHash('sha256')
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) hash.update(readFileSync(join(root, file)))
  return hash.update(`${process.platform} ${process.arch}`).digest('hex')
}

function ensureDependencies() {
  const stamp = join(root, 'node_modules', '.iron-cage-ready')
  const state = dependencyState()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return
  npm('Installing dependencies (once, about a minute)', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  // Of all install scripts these two run, by name: Node 24 itself, and the terminal's native part.
  npm('Preparing Node 24', ['rebuild', 'node', '--loglevel=error'])
  buildTerminal()
  writeFileSync(stamp, state)
}

/** What is compiled needs Node's header files. Left to itself node-gyp fetches them, which needs a network. */
function buildTerminal() {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'node', 'package.json'), 'utf8'))
  const major = version.split('.')[0]
  // Whoever has named a folder to npm knows why.
  const headers = process.env.npm_config_nodedir ? undefined : headersOf(major)
  try {
    npm('Building the terminal', ['rebuild', 'node-pty', '--loglevel=error'], headers === undefined ? {} : { npm_config_nodedir: headers })
  } catch (problem) {
    if (!(problem instanceof SetupError) || !/network connectivity|-headers\.tar\.gz|nodejs\.org/.test(problem.message)) throw problem
    throw new SetupError(
      `Building the terminal needs Node's header files, which could not be fetched: try again where nodejs.org can be reached, or unpack Node ${major}'s own archive and name its folder with "npm config set nodedir FOLDER".`,
    )
  }
}

/** The folder with `include/node` in it: what came with the project's Node, or lies beside another one of this version. */
function headersOf(major) {
  const own = join(root, 'node_modules', 'node', 'node_modules')
  const brought = existsSync(own) ? readdirSync(own).map((name) => join(own, name)) : []
  const others = nodesElsewhere().map((program) => dirname(dirname(realpathSync(program))))
  return [...brought, ...others].find((folder) => {
    const include = join(folder, 'include', 'node')
    const version = /^#define NODE_MAJOR_VERSION (\d+)$/m.exec(readOr(join(include, 'node_version.h'), ''))?.[1]
    return version === major && existsSync(join(include, 'node.h'))
  })
}

function sourceState() {
  const hash = createHash('sha256')
  const visit = (path) => {
    const found = statSync(path)
    if (found.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name))
    else if (!path.endsWith('.spec.ts')) hash.update(`${path} ${found.size} ${found.mtimeMs}\n`)
  }
  for (const name of ['src', 'package.json', 'electron.vite.config.ts', 'scripts/packaging/notices.ts', 'tsconfig.base.json']) visit(join(root, name))
  return hash.digest('hex')
}

function ensureBundles() {
  const stamp = join(root, 'out', '.built-from')
  const state = sourceState()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return
  rmSync(stamp, { force: true })
  run('Building the control room', join(tools, isWindows ? 'electron-vite.cmd' : 'electron-vite'), ['build', '--logLevel', 'warn'])
  writeFileSync(stamp, state)
}

/** One set-up at a time: a second one waits for the first, unless that has died. */
function inTurn(action) {
  const lock = join(root, '.cache', 'setup.lock')
  mkdirSync(dirname(lock), { recursive: true })
  let hasSaidSo = false
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (problem) {
      if (problem.code !== 'EEXIST') throw problem
      const holder = Number(readOr(lock, '0'))
      if (!isRunning(holder)) {
        rmSync(lock, { force: true })
        continue
      }
      // After a crash of the machine its number may be another program's.
      if (!hasSaidSo) say(`· Another set-up is under way (process ${holder}); waiting for it. If that is none, delete ${lock}.`)
      hasSaidSo = true
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
  try {
    action()
  } finally {
    rmSync(lock, { force: true })
  }
}

function readOr(file, fallback) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return fallback
  }
}

function isRunning(pid) {
  if (!pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (problem) {
    return problem.code === 'EPERM'
  }
}

const [purpose = 'start'] = process.argv.slice(2)
if (!['start', 'test', 'dependencies'].includes(purpose)) {
  say(`scripts/setup.mjs knows "start", "test" and "dependencies", not "${purpose}".`)
  process.exit(2)
}
if (Number(process.versions.node.split('.')[0]) < 20) {
  say(`Iron Cage Control Room needs Node 20 or newer; this is ${process.version}. Install a newer one and try again.`)
  process.exit(1)
}
try {
  inTurn(() => {
    ensureSystemPackages(purpose === 'test' ? 'test' : 'start')
    ensureDependencies()
    if (purpose !== 'dependencies') ensureBundles()
  })
} catch (problem) {
  if (!(problem instanceof SetupError)) throw problem
  say(problem.message)
  process.exit(1)
}
