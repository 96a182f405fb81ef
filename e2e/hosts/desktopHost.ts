import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { _electron, type ElectronApplication } from '@playwright/test'
import { CHROMIUM_FLAGS } from './chromium.ts'
import { findElectron } from './electronRuntime.ts'
import type { Host, HostOptions } from './host.ts'
import { askAsOwner, readInstance } from './roomProcess.ts'

/** The real thing. */
export async function openDesktopHost(options: HostOptions): Promise<Host> {
  const { root, dataFolder, environment } = options
  const executablePath = findElectron(root)
  if (!executablePath) throw new Error("Electron's runtime is not there.")
  let output = ''
  const launch = async (): Promise<ElectronApplication> => {
    const args = [...CHROMIUM_FLAGS, root]
    // Playwright would take Chromium's sandbox away, which is part of what is tested; only root has to do without.
    const chromiumSandbox = !CHROMIUM_FLAGS.includes('--no-sandbox')
    const application = await _electron.launch({ executablePath, args, chromiumSandbox, cwd: root, env: environment })
    application.process().stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    application.process().stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    return application
  }
  let application = await launch()
  // Playwright forgets the process when it has ended.
  let main = application.process()
  let page = await application.firstWindow()

  /** Playwright's own way is to quit, and a room with agents answers that with a question. */
  async function stop(): Promise<number | null> {
    if (hasEnded(main)) return main.exitCode
    const gone = once(main, 'exit')
    if (process.platform === 'win32') await askAsOwner(dataFolder, 'POST', '/stop')
    else main.kill('SIGTERM')
    await gone
    return main.exitCode
  }

  return {
    kind: 'desktop',
    dataFolder,
    get page() {
      return page
    },
    get pid() {
      return main.pid ?? 0
    },
    get apiUrl() {
      return readInstance(dataFolder)?.url ?? ''
    },
    async startSecond(script) {
      const second = spawn(executablePath, [...CHROMIUM_FLAGS, root, script], { cwd: root, env: environment, stdio: 'ignore' })
      const [code] = await once(second, 'exit')
      return code as number | null
    },
    standIn: null,
    output: () => output,
    knowFile: async () => {},
    async kill() {
      const gone = once(main, 'exit')
      main.kill('SIGKILL')
      await gone
    },
    async startAgain() {
      application = await launch()
      main = application.process()
      page = await application.firstWindow()
    },
    stop,
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
