import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Browser } from '@playwright/test'
import type { Terminal as XTerminal } from '@xterm/xterm'
import { spawn } from 'node-pty'
import { VIEWPORT } from './browser.ts'
import { now } from './measure.ts'

/** The yardsticks of the terminal: a pseudo-terminal that nobody looks at, and xterm.js with nothing behind it. */

const require = createRequire(import.meta.url)

/** How long `cat` takes to bring a file through a pseudo-terminal to a listener that only counts. */
export async function barePtyMs(file: string): Promise<number> {
  const begin = now()
  const child = spawn('/bin/cat', [file], { name: 'xterm-256color', cols: 100, rows: 30, env: { PATH: process.env['PATH'] ?? '' } })
  let characters = 0
  child.onData((data) => (characters += data.length))
  await new Promise<void>((resolve) => child.onExit(() => resolve()))
  const took = now() - begin
  const expected = readFileSync(file, 'latin1').length
  if (characters < expected) throw new Error(`The bare terminal brought ${characters} of ${expected} characters.`)
  return took
}

/** How long xterm.js takes to deal with a file that it has in memory, 32 KB at a time, with no more than 100,000 characters on the way. */
export async function bareXtermMs(browser: Browser, file: string, size: { columns: number; rows: number }): Promise<number> {
  const script = readFileSync(require.resolve('@xterm/xterm'), 'utf8')
  const style = readFileSync(require.resolve('@xterm/xterm/css/xterm.css'), 'utf8')
  const html = `<!doctype html><style>${style}</style><div></div><script src="/xterm.js"></script>`
  const server = createServer((request, response) => {
    if (request.url === '/file') response.end(readFileSync(file))
    else if (request.url === '/xterm.js') response.setHeader('content-type', 'text/javascript').end(script)
    else response.setHeader('content-type', 'text/html').end(html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const page = await browser.newPage({ viewport: VIEWPORT })
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return await page.evaluate(async ({ columns, rows }) => {
      const { Terminal } = window as unknown as { Terminal: new (options: object) => XTerminal }
      // A terminal in the line discipline makes CR LF of each line's end.
      const text = (await (await fetch('/file')).text()).replaceAll('\n', '\r\n')
      const terminal = new Terminal({ scrollback: 10_000, cols: columns, rows, lineHeight: 1.2, minimumContrastRatio: 4.5 })
      terminal.open(document.querySelector('div')!)
      const begin = performance.now()
      let written = 0
      let finished = 0
      await new Promise<void>((resolve) => {
        const more = (): void => {
          while (written < text.length && written - finished < 100_000) {
            const part = text.slice(written, written + 32_000)
            written += part.length
            terminal.write(part, () => {
              finished += part.length
              if (finished === text.length) resolve()
              else more()
            })
          }
        }
        more()
      })
      return performance.now() - begin
    }, size)
  } finally {
    await page.close()
    server.close()
    server.closeAllConnections()
  }
}
