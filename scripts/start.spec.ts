import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** Root gets no window on Linux, so root's tests start it as nobody, where nobody may run our Node. */
const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const isRunnable = process.platform !== 'win32' && spawnSync(process.execPath, ['--version'], account).status === 0

const started: ChildProcess[] = []
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'iron-cage-start-'))
  chmodSync(root, 0o755)
  for (const folder of ['scripts', 'node_modules/electron/dist', 'out/main']) mkdirSync(join(root, folder), { recursive: true })
  for (const file of ['start.mjs', 'desktopRuntime.ts']) copyFileSync(join(import.meta.dirname, file), join(root, 'scripts', file))
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(root, 'node_modules/electron/path.txt'), 'electron')
  writeFileSync(join(root, 'out/main/headless.js'), 'console.log(`browser: ${process.env.IRON_CAGE_NO_WINDOW_REASON}`)\n')
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

/** What stands where Electron's runtime would. */
function runtime(text: string, { program = '/bin/sh', mode = 0o755 } = {}): void {
  writeFileSync(join(root, 'node_modules/electron/dist/electron'), `#!${program}\n${text}\n`, { mode })
}

/** One that runs until it is asked to end. */
function patientRuntime(atSignal: string): void {
  const text = `for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => { ${atSignal} })\nsetInterval(() => {}, 1000)\nconsole.log('ready')`
  runtime(text, { program: process.execPath })
}

function start(...args: string[]) {
  const env = { PATH: process.env['PATH'], DISPLAY: ':invented', ELECTRON_RUN_AS_NODE: '1' }
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs'), ...args], { ...account, env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let output = ''
  const heard = Promise.withResolvers<void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      if (output.includes('ready')) heard.resolve()
    })
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
  return { child, ended, isReady: heard.promise }
}

describe.runIf(isRunnable)('npm start', () => {
  it('opens the window with what it was given, and ends with its exit code', async () => {
    runtime('echo "window $* in $PWD, as Node: ${ELECTRON_RUN_AS_NODE:-no}"; exit 74')
    expect(await start('agent.py').ended).toEqual({ code: 74, output: `window . agent.py in ${root}, as Node: no\n` })
  })

  it.each([
    ['a runtime that crashes at once', 'kill -TRAP $$', 'SIGTRAP'],
    ['a display that cannot be reached', 'exit 1', 'exit code 1'],
  ])('opens the browser after %s, and says why', async (_what, text, how) => {
    runtime(text)
    const { code, output } = await start().ended
    expect(output).toContain(`browser: Electron's runtime ended at once (${how})`)
    expect(code).toBe(0)
  })

  it('opens the browser when the runtime cannot be run at all', async () => {
    runtime('', { mode: 0o644 })
    expect((await start().ended).output).toMatch(/could not be started: .*EACCES[\s\S]*browser: Electron's runtime ended at once/)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('hands %s on and waits for the room; nothing else opens', async (signal) => {
    patientRuntime('console.log(`ended by ${name}`); process.exit(0)')
    const { child, ended, isReady } = start()
    await isReady
    child.kill(signal)
    expect(await ended).toEqual({ code: 0, output: `ready\nended by ${signal}\n` })
  })

  it('opens nothing else when the runtime breaks while it is asked to end', async () => {
    patientRuntime('process.kill(process.pid, "SIGTRAP")')
    const { child, ended, isReady } = start()
    await isReady
    child.kill('SIGINT')
    expect(await ended).toEqual({ code: 133, output: 'ready\n' })
  })
})
