import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { once } from 'node:events'
import pg from 'pg'
import { SCHEMA, types } from './database.ts'

/** A real server in a folder of its own, on a socket within it. */
export interface TestPostgres {
  readonly folder: string
  /** Gives the address of an empty database. */
  lend(): Promise<string>
  /** Empties all that were lent; whoever is still connected is cut off. */
  takeBack(): Promise<void>
  /** Runs statements on a database as some other program would. */
  change(url: string, statements: string): Promise<unknown>
  rows<R extends object>(url: string, query: string): Promise<R[]>
  /** Cuts all connections to a database. */
  cut(url: string): Promise<void>
  stop(): Promise<void>
}

const OLDEST = 15
/** With what has to be written otherwise in an address. */
export const POSTGRES_PASSWORD = 'invented/pass@word'

/** Where the server's programs lie, or null where there are none that are new enough. */
export function findPostgres(): string | null {
  const debian = '/usr/lib/postgresql'
  const installed = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : []
  const folders = [...installed.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(delimiter)]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')) && isNewEnough(join(folder, 'postgres'))) ?? null
}

function isNewEnough(program: string): boolean {
  const said = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? ''
  return Number(/(\d+)/.exec(said)?.[1] ?? 0) >= OLDEST
}

/** One that is durable waits for its disk, as a real one does. */
export async function startPostgres(programs: string, { isDurable = false } = {}): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-'))
  const account = serverAccount()
  if (account) chownSync(folder, account.uid, account.gid)
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, POSTGRES_PASSWORD, { mode: 0o644 })
  const made = spawnSync(join(programs, 'initdb'), ['-D', data, '-U', 'room', '--no-sync', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8', '--locale=C.UTF-8'], { ...account, cwd: folder, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', ...(isDurable ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off']), '-c', 'max_wal_size=4GB', '-c', 'shared_buffers=32MB'],
    { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await ready(server)
  const addressOf = (database: string): string => `postgres://room:${encodeURIComponent(POSTGRES_PASSWORD)}@/${database}?host=${encodeURIComponent(folder)}`
  const asked = async <R>(url: string, action: (client: pg.Client) => Promise<R>): Promise<R> => {
    const client = new pg.Client({ connectionString: url, types })
    await client.connect()
    try {
      return await action(client)
    } finally {
      await client.end()
    }
  }
  // Making a database copies some thousand pages: they are used again.
  const free: string[] = []
  const lent: string[] = []
  const create = async (): Promise<string> => {
    const name = `room_${free.length + lent.length + 1}`
    await asked(addressOf('postgres'), (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0`))
    return addressOf(name)
  }
  const cut = (url: string): Promise<void> =>
    asked(url, async (client) => {
      await client.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()')
    })
  return {
    folder,
    async lend() {
      const url = free.pop() ?? (await create())
      lent.push(url)
      return url
    },
    async takeBack() {
      for (const url of lent.splice(0)) {
        await cut(url)
        await asked(url, (client) => client.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`))
        free.push(url)
      }
    },
    change: (url, statements) => asked(url, (client) => client.query(`SET search_path TO ${SCHEMA}; ${statements}`)),
    rows: async <R extends object>(url: string, query: string) =>
      asked(url, async (client) => {
        await client.query(`SET search_path TO ${SCHEMA}`)
        return (await client.query(query)).rows as R[]
      }),
    cut,
    async stop() {
      const ended = once(server, 'exit')
      // At once, without a last checkpoint: nothing of it is kept.
      server.kill('SIGQUIT')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function ready(server: ChildProcess): Promise<void> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`The server ended: ${said}`)))
    server.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000)
      if (said.includes('ready to accept connections')) resolve()
    })
  })
}

/** The server does not run as root. */
function serverAccount(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const account = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody')
  return account ? { uid: Number(account[2]), gid: Number(account[3]) } : undefined
}
