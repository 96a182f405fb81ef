import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import type { Host, HostOptions } from './host.ts'
import { askAsOwner, readInstance } from './roomProcess.ts'

/** The built room without a screen, and a browser that signs in with a one-time link. */
export async function openBrowserHost(context: BrowserContext, options: HostOptions): Promise<Host> {
  const { root, dataFolder, environment } = options
  let output = ''
  let serving = await serve(0)
  const page = await context.newPage()
  const { url } = (await askAsOwner(dataFolder, 'POST', '/link')) as { url: string }
  await page.goto(url)

  async function serve(port: number): Promise<ChildProcess> {
    const child = spawn(process.execPath, [join(root, 'out/main/cli.js'), 'serve', '--port', String(port)], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const listening = Promise.withResolvers<void>()
    const take = (chunk: Buffer): void => {
      output += chunk.toString()
      if (/^listening on http:\/\/127\.0\.0\.1:\d+$/m.test(output)) listening.resolve()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`The room ended before it listened (exit code ${code}).\n${output}`)
    })
    gone.catch(() => undefined)
    await Promise.race([listening.promise, gone])
    return child
  }

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (serving.exitCode !== null || serving.signalCode !== null) return serving.exitCode
    const gone = once(serving, 'exit')
    serving.kill(signal)
    const [code] = await gone
    return code as number | null
  }

  return {
    kind: 'browser',
    page,
    dataFolder,
    get pid() {
      return serving.pid ?? 0
    },
    get apiUrl() {
      return readInstance(dataFolder)?.url ?? ''
    },
    startSecond: null,
    standIn: null,
    output: () => output,
    knowFile: async () => {},
    kill: async () => void (await end('SIGKILL')),
    async startAgain() {
      const port = Number(new URL(page.url()).port)
      output = ''
      serving = await serve(port)
    },
    stop: () => end('SIGTERM'),
  }
}
