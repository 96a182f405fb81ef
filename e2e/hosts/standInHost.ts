import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import { startStandIn, type StandIn } from '../standIn/screen.ts'
import type { Host, HostOptions } from './host.ts'
import { readInstance } from './roomProcess.ts'

/** The built desktop bundles with Electron stood in for. */
export async function openStandInHost(context: BrowserContext, options: HostOptions): Promise<Host> {
  const { root, dataFolder, environment, out = join(root, 'out') } = options
  const start = (...args: string[]): StandIn => startStandIn({ context, root, out, environment, args })
  let standIn = start()
  let page = await pageOf(standIn)

  async function pageOf(running: StandIn): Promise<Host['page']> {
    const opened = await Promise.race([running.firstPage(), running.gone])
    if (opened === null || typeof opened === 'number') throw new Error(`The window did not open (exit code ${opened}).\n${running.output()}`)
    return opened
  }

  return {
    kind: 'stand-in',
    dataFolder,
    get page() {
      return page
    },
    get pid() {
      return standIn.main.pid ?? 0
    },
    get apiUrl() {
      return readInstance(dataFolder)?.url ?? ''
    },
    startSecond: (script) => start(script).gone,
    get standIn() {
      return standIn
    },
    output: () => standIn.output(),
    knowFile: (path) => standIn.knowFile(path),
    async kill() {
      standIn.main.kill('SIGKILL')
      await standIn.gone
      await page.close()
    },
    async startAgain() {
      standIn = start()
      page = await pageOf(standIn)
    },
    async stop() {
      await standIn.stop()
      return standIn.gone
    },
  }
}
