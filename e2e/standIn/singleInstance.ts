import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SingleInstance {
  /** Whether this process is the first one with this folder. */
  request(folder: string, data: unknown): boolean
  onSecondInstance(listener: (data: unknown) => void): void
  /** Resolves when a message to the first instance has been delivered and the lock is gone. */
  release(): Promise<void>
}

/** A lock file that says who holds it and where to knock. Electron's own is a socket of Chromium's. */
export function createSingleInstance(): SingleInstance {
  const listeners: ((data: unknown) => void)[] = []
  let lockFile: string | null = null
  let server: Server | null = null
  let delivery = Promise.resolve()

  function listen(socketPath: string): void {
    server = createServer((socket) => {
      let text = ''
      socket.setEncoding('utf8')
      socket.on('data', (chunk: string) => (text += chunk))
      socket.on('end', () => {
        for (const listener of listeners) listener(JSON.parse(text))
      })
    }).listen(socketPath)
    server.unref()
  }

  return {
    request(folder, data) {
      const file = join(folder, 'stand-in.lock')
      for (;;) {
        try {
          const handle = openSync(file, 'wx')
          // A process that was killed leaves its socket behind, and its number comes again.
          const socketPath = join(tmpdir(), `stand-in-${randomBytes(8).toString('hex')}.sock`)
          writeSync(handle, JSON.stringify({ pid: process.pid, socketPath }))
          closeSync(handle)
          lockFile = file
          listen(socketPath)
          return true
        } catch (problem) {
          if ((problem as NodeJS.ErrnoException).code !== 'EEXIST') throw problem
        }
        const holder = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; socketPath: string }
        if (isAlive(holder.pid)) {
          delivery = deliver(holder.socketPath, JSON.stringify(data))
          return false
        }
        rmSync(file)
      }
    },
    onSecondInstance: (listener) => listeners.push(listener),
    async release() {
      await delivery
      server?.close()
      if (lockFile) rmSync(lockFile, { force: true })
    },
  }
}

function deliver(socketPath: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath, () => socket.end(text))
    socket.on('close', () => resolve())
    socket.on('error', reject)
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
