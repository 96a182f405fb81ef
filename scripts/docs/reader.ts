import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { ROOT, type Snippet } from './documents.ts'
import { fileNameOf } from './fileSnippets.ts'

/** Somebody with an empty home who types what a document says, block by block, in one folder. */
export interface Reader {
  readonly folder: string
  /** Writes a block that is a file into the folder. */
  keep(snippet: Snippet): void
  /** Types a block in; a `iron_cage serve` alone in its block goes on beside the others. */
  type(snippet: Snippet): Promise<Typed>
  leave(): Promise<void>
}

export interface Typed {
  readonly code: number
  /** What came on either stream, in this order. */
  readonly said: string
}

export interface ReaderOptions {
  /** Where `python3` is to be found; the system's own when left out. */
  readonly pythonFolder: string | null
}

const BLOCK_MS = 90_000
/** Which port the documents speak of. */
const USUAL_PORT = /\b7317\b/g
const SAMPLE_AGENT = 'lg-7a3f9c2d'
const SERVES = /^iron_cage serve\b[^|&;\n]*$/

export async function createReader({ pythonFolder }: ReaderOptions): Promise<Reader> {
  // Short, for the path of a socket has to be.
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'docs-')))
  const folder = join(home, 'work')
  const programs = join(home, 'bin')
  const state = join(home, 'state')
  for (const path of [folder, programs]) mkdirSync(path)
  writeFileSync(state, '')
  writeProgram(join(programs, 'iron_cage'), `exec '${process.execPath}' '${join(ROOT, 'src/main/cli/main.ts')}' "$@"`)
  const port = String(await freePort())
  const environment: Record<string, string> = {
    PATH: [programs, ...(pythonFolder === null ? [] : [pythonFolder]), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    IRON_CAGE_KEYCHAIN: 'off',
    IRON_CAGE_PORT: port,
    NODE_COMPILE_CACHE: join(ROOT, '.cache', 'compiled'),
    PYTHONPATH: join(ROOT, 'resources', 'python'),
    PYTHONDONTWRITEBYTECODE: '1',
  }
  // Documents say where the data folder is on Linux.
  if (process.platform !== 'linux') environment.IRON_CAGE_HOME = join(home, '.local', 'share', 'iron-cage')
  const rooms: ChildProcess[] = []

  function begin(code: string): { child: ChildProcess; said: () => string } {
    const script = `exec 2>&1 </dev/null\n. '${state}'\ntrap 'export -p > "${state}"' EXIT\n${code}\n`
    const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => (said += piece))
    return { child, said: () => said }
  }

  async function run(code: string): Promise<Typed> {
    const { child, said } = begin(code)
    const impatience = setTimeout(() => end(child, 'SIGKILL'), BLOCK_MS)
    const [exit, signal] = (await once(child, 'close')) as [number | null, string | null]
    clearTimeout(impatience)
    return { code: exit ?? -1, said: signal === null ? said() : `${said()}\n(ended by ${signal})` }
  }

  async function openRoom(code: string): Promise<Typed> {
    const { child, said } = begin(`exec ${code}`)
    rooms.push(child)
    const isOpen = new Promise<void>((resolve) => child.stdout?.on('data', () => said().includes('listening on ') && resolve()))
    await Promise.race([isOpen, once(child, 'close')])
    return { code: child.exitCode ?? 0, said: said() }
  }

  /** The id that documents use stands for the newest agent; a room of another folder has no such agent. */
  async function withOwnIds(code: string): Promise<string> {
    if (!code.includes(SAMPLE_AGENT)) return code
    const { said } = await run('iron_cage list --json')
    const newest = /"id": ?"([a-z]{2}-[0-9a-f]{8})"/.exec(said)?.[1]
    return newest === undefined ? code : code.replaceAll(SAMPLE_AGENT, newest)
  }

  return {
    folder,
    keep(snippet) {
      const name = fileNameOf(snippet)
      if (name === null) return
      const file = join(folder, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `${snippet.code.replace(USUAL_PORT, port)}\n`)
    },
    async type({ code }) {
      const own = await withOwnIds(code.replace(USUAL_PORT, port))
      const { code: exit, said } = await (SERVES.test(own.trim()) ? openRoom(own.trim()) : run(own))
      return { code: exit, said: said.replaceAll(port, '7317') }
    },
    async leave() {
      const closed = rooms.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).map((room) => {
        const gone = once(room, 'close')
        end(room, 'SIGTERM')
        return gone
      })
      await Promise.all(closed)
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function writeProgram(file: string, command: string): void {
  writeFileSync(file, `#!/bin/sh\n${command}\n`)
  chmodSync(file, 0o755)
}

/** Bash and what it started. */
function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-child.pid!, signal)
  } catch {
    // It has ended by itself meanwhile.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

