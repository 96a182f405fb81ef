import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import { openBrowserHost } from './hosts/browserHost.ts'
import { openDesktopHost } from './hosts/desktopHost.ts'
import { whyNoDesktop } from './hosts/electronRuntime.ts'
import type { Host, HostKind, HostOptions } from './hosts/host.ts'
import { plainEnvironment } from './hosts/roomProcess.ts'
import { openStandInHost } from './hosts/standInHost.ts'
import { RoomPage } from './pages/roomPage.ts'

export interface RoomOptions {
  hostKind: HostKind
  /** Further environment variables of the room. */
  environment: Record<string, string>
}

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RoomFixtures extends RoomOptions {
  /** A folder of this test alone. */
  folder: string
  host: Host
  room: RoomPage
  /** The built command line, on the same data folder. */
  cli: (...args: string[]) => Promise<CliResult>
  /** A copy of one of the agents in e2e/agents, under a name of its own if one is given. */
  agentScript: (name: string, as?: string) => string
}

const root = join(import.meta.dirname, '..')

export const test = base.extend<RoomFixtures>({
  hostKind: ['browser', { option: true }],
  environment: [{}, { option: true }],

  folder: async ({ hostKind }, use) => {
    const reason = hostKind === 'desktop' ? whyNoDesktop(root) : null
    base.skip(reason !== null, reason ?? undefined)
    const folder = mkdtempSync(join(tmpdir(), 'iron-cage-e2e-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },

  host: async ({ hostKind, folder, environment, context }, use, testInfo) => {
    const dataFolder = join(folder, 'data')
    const options: HostOptions = { root, dataFolder, environment: plainEnvironment(dataFolder, environment) }
    const host = await openHost(hostKind, context, options)
    await use(host)
    if (testInfo.status !== testInfo.expectedStatus) await tellOfFailure(testInfo.title, host)
    await host.stop()
  },

  room: async ({ host }, use) => {
    const room = new RoomPage(host)
    await room.isOpen()
    await use(room)
  },

  cli: async ({ folder, environment }, use) => {
    await use((...args) => runCli(args, plainEnvironment(join(folder, 'data'), environment), folder))
  },

  agentScript: async ({ folder }, use) => {
    const scripts = join(folder, 'scripts')
    mkdirSync(scripts, { recursive: true })
    await use((name, as = name) => {
      const copy = join(scripts, as)
      copyFileSync(join(root, 'e2e/agents', name), copy)
      return copy
    })
  },
})

export { expect } from '@playwright/test'

/** Where a failure cannot be run again, what stood on the screen and in the log is all there is; attachments are cut short. */
async function tellOfFailure(title: string, host: Host): Promise<void> {
  const screen = await host.page.locator('body').ariaSnapshot({ timeout: 5_000 }).catch(String)
  process.stdout.write(`\n${title}\nOn the screen:\n${screen}\nThe room said:\n${host.output()}\n`)
}

async function openHost(kind: HostKind, context: Parameters<typeof openBrowserHost>[0], options: HostOptions): Promise<Host> {
  if (kind === 'desktop') return openDesktopHost(options)
  return kind === 'browser' ? openBrowserHost(context, options) : openStandInHost(context, options)
}

function runCli(args: string[], environment: Record<string, string>, folder: string): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'out/main/cli.js'), ...args], { cwd: folder, env: environment })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
