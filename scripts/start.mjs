// `npm start`: the desktop window where Electron's runtime and a display are there, otherwise the same room in a browser, and why.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const electronFolder = join(root, 'node_modules', 'electron')
const attemptFile = join(root, '.cache', 'desktop-runtime.json')
const DAY_MS = 24 * 60 * 60 * 1000
const DOWNLOAD_MS = 10 * 60 * 1000
/** A runtime that cannot start on this system says so by dying at once. */
const EARLY_END_MS = 15_000

function electronBinary() {
  try {
    const binary = join(electronFolder, 'dist', readFileSync(join(electronFolder, 'path.txt'), 'utf8'))
    return existsSync(binary) ? binary : null
  } catch {
    return null
  }
}

function recentAttempt() {
  try {
    const attempt = JSON.parse(readFileSync(attemptFile, 'utf8'))
    return Date.now() - attempt.at < DAY_MS ? attempt : null
  } catch {
    return null
  }
}

function downloadRuntime() {
  process.stderr.write("· Fetching Electron's runtime for the desktop window (about 120 MB, once) …\n")
  const result = spawnSync(process.execPath, [join(electronFolder, 'install.js')], { encoding: 'utf8', timeout: DOWNLOAD_MS })
  if (electronBinary()) return
  const reason = /(?:Error|error): ?(.*)/.exec(result.stderr ?? '')?.[1]?.trim() || 'the download did not finish'
  mkdirSync(dirname(attemptFile), { recursive: true })
  writeFileSync(attemptFile, JSON.stringify({ at: Date.now(), reason }))
}

/** Why there can be no window here, or null. */
function noWindowReason() {
  if (process.env.IRON_CAGE_HOST === 'browser') return 'IRON_CAGE_HOST=browser asks for the browser.'
  if (process.platform === 'linux') {
    if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'There is no display here: for the desktop window, start it in a desktop session.'
    if (process.getuid?.() === 0) return "As root, Chromium's sandbox cannot start: for the desktop window, start it as an ordinary user."
  }
  if (!electronBinary()) {
    if (process.argv.includes('--fetch-runtime') || !recentAttempt()) downloadRuntime()
    if (!electronBinary()) {
      const because = recentAttempt()?.reason ?? 'unknown'
      return `Electron's runtime could not be downloaded (${because}): for the desktop window, run "npm run desktop-runtime" when the network allows it.`
    }
  }
  return null
}

function launch(program, args, environment, onEnd) {
  const startedAt = Date.now()
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
  const pass = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  child.on('error', (problem) => {
    process.stderr.write(`${program} could not be started: ${problem.message}\n`)
    process.exit(70)
  })
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, pass)
    onEnd({ code, signal, ranMs: Date.now() - startedAt })
  })
}

const inBrowser = (reason) =>
  launch(process.execPath, [join(root, 'out', 'main', 'headless.js')], { IRON_CAGE_NO_WINDOW_REASON: reason }, ({ code, signal }) =>
    process.exit(signal ? 128 : (code ?? 0)),
  )

const reason = noWindowReason()
if (process.argv.includes('--fetch-runtime')) {
  process.stderr.write(reason === null ? "Electron's runtime is there: npm start opens the desktop window.\n" : `${reason}\n`)
  process.exit(electronBinary() ? 0 : 1)
}
if (reason !== null) {
  inBrowser(reason)
} else {
  launch(electronBinary(), ['.', ...process.argv.slice(2)], {}, ({ code, signal, ranMs }) => {
    const hasCrashedEarly = ranMs < EARLY_END_MS && (signal === 'SIGTRAP' || signal === 'SIGABRT' || signal === 'SIGSEGV' || code === 127)
    if (hasCrashedEarly) inBrowser(`Electron's runtime ended at once (${signal ?? `exit code ${code}`}); its lines above say why, often a sandbox that this system does not allow.`)
    else process.exit(signal ? 128 : (code ?? 0))
  })
}
