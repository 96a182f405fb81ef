// `npm start`: the desktop window where Electron's runtime and a display are there, otherwise the same room in a browser, and why.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exitCodeOf, findRuntime, hasFailedToStart, runtimeEnvironment, whyNoWindow } from './desktopRuntime.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const electronFolder = join(root, 'node_modules', 'electron')
const attemptFile = join(root, '.cache', 'desktop-runtime.json')
const DAY_MS = 24 * 60 * 60 * 1000
const DOWNLOAD_MS = 10 * 60 * 1000

const surroundings = { platform: process.platform, environment: process.env, uid: process.getuid?.() ?? null }
const isFetchOnly = process.argv.includes('--fetch-runtime')
const say = (text) => process.stderr.write(`${text}\n`)

function recentAttempt() {
  try {
    const attempt = JSON.parse(readFileSync(attemptFile, 'utf8'))
    return Date.now() - attempt.at < DAY_MS ? attempt : null
  } catch {
    return null
  }
}

function downloadRuntime() {
  say("· Fetching Electron's runtime for the desktop window (about 120 MB, once) …")
  const result = spawnSync(process.execPath, [join(electronFolder, 'install.js')], { encoding: 'utf8', timeout: DOWNLOAD_MS })
  if (findRuntime(electronFolder)) return
  const reason = /(?:Error|error): ?(.*)/.exec(result.stderr ?? '')?.[1]?.trim() || 'the download did not finish'
  mkdirSync(dirname(attemptFile), { recursive: true })
  writeFileSync(attemptFile, JSON.stringify({ at: Date.now(), reason }))
}

function whyNoRuntime() {
  if (findRuntime(electronFolder)) return null
  if (isFetchOnly || !recentAttempt()) downloadRuntime()
  if (findRuntime(electronFolder)) return null
  const because = recentAttempt()?.reason ?? 'unknown'
  return `Electron's runtime could not be downloaded (${because}): for the desktop window, run "npm run desktop-runtime" when the network allows it.`
}

function launch(program, args, environment, onEnd) {
  const startedAt = Date.now()
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
  let wasAskedToEnd = false
  const pass = (signal) => {
    wasAskedToEnd = true
    // On Windows the console has told everybody already, and a signal sent from here would be an end without notice.
    if (process.platform !== 'win32') child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  const end = (how) => {
    for (const name of signals) process.off(name, pass)
    onEnd({ ...how, ranMs: Date.now() - startedAt, wasAskedToEnd })
  }
  child.on('error', (problem) => {
    // A signal that could not be delivered comes here too.
    if (child.pid !== undefined) return
    say(`${program} could not be started: ${problem.message}`)
    end({ code: 126, signal: null })
  })
  child.on('exit', (code, signal) => end({ code, signal }))
}

/** Garbage of calls is short-lived; left to itself V8 lets it grow to a third of the process's memory, for no gain in speed. */
const ROOM_FLAGS = ['--max-semi-space-size=8']

const inBrowser = (reason) =>
  launch(process.execPath, [...ROOM_FLAGS, join(root, 'out', 'main', 'headless.js')], { IRON_CAGE_NO_WINDOW_REASON: reason }, (end) =>
    process.exit(exitCodeOf(end)),
  )

const inWindow = () =>
  launch(findRuntime(electronFolder), ['.', ...process.argv.slice(2)], runtimeEnvironment(process.env), (end) => {
    if (end.wasAskedToEnd || !hasFailedToStart(end)) process.exit(exitCodeOf(end))
    const how = end.signal ?? `exit code ${end.code}`
    inBrowser(`Electron's runtime ended at once (${how}); its lines above say why, often a sandbox or a display that this system does not give.`)
  })

if (isFetchOnly) {
  const reason = whyNoRuntime() ?? whyNoWindow(surroundings)
  say(reason ?? "Electron's runtime is there: npm start opens the desktop window.")
  process.exit(findRuntime(electronFolder) ? 0 : 1)
}
// Where no window can open, nothing is fetched for it.
const reason = whyNoWindow(surroundings) ?? whyNoRuntime()
if (reason === null) inWindow()
else inBrowser(reason)
