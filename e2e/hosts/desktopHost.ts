import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { _electron, type ElectronApplication } from '@playwright/test'
import { CHROMIUM_FLAGS } from './chromium.ts'
import { findElectron } from './electronRuntime.ts'
import type { Host, HostOptions } from './host.ts'
import { readInstance } from './roomProcess.ts'

/** The real thing. */
export async function openDesktopHost(options: HostOptions): Promise<Host> {
  const { root, dataFolder, environment } = options
  const executablePath = findElectron(root)
  if (!executablePath) throw new Error("Electron's runtime is not there.")
  let output = ''
  const launch = async (): Promise<ElectronApplication> => {
    const application = await _electron.launch({ executablePath, args: [...CHROMIUM_FLAGS, root], cwd: root, env: environment })
    application.process().stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    application.process().stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    return application
  }
  let application = await launch()
  let page = await application.firstWindow()

  return {
    kind: 'desktop',
    dataFolder,
    get page() {
      return page
    },
    get pid() {
      return application.process().pid ?? 0
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
      const closed = application.waitForEvent('close')
      application.process().kill('SIGKILL')
      await closed
    },
    async startAgain() {
      application = await launch()
      page = await application.firstWindow()
    },
    async stop() {
      const process = application.process()
      await application.close()
      return process.exitCode
    },
  }
}
