import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findPostgres, startPostgres } from '../state/postgres/testPostgres.ts'
import { createTestUser, filesIn, type EndedCommand, type TestUser } from './testCommandLine.ts'

const KEY = '0123456789abcdef'.repeat(4)
const environment = { IRON_SECRETS_MASTER_KEY: KEY }

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

const run = (...args: string[]): Promise<EndedCommand> => user.run(args, { environment })

describe('iron_cage backup', () => {
  it('copies a room at work; put in its place, the copy is that room', async () => {
    user.write('data/settings.yaml', 'budget: 7\nprices: own.yaml\n')
    user.write('data/own.yaml', 'my-model: { contextTokens: 32000, mostOutputTokens: 4000, prices: { input: "0.50", output: "1.50" } }\n')
    const room = user.start(['serve', '--port', '0'], { environment })
    await room.until('stdout', /listening on/)
    const adding = user.start(['secrets', 'add', 'CRM_TOKEN'], { input: 'pipe', environment })
    adding.child.stdin?.end('an invented value')
    expect((await adding.ended).code).toBe(0)

    const made = await run('backup', 'copy')
    expect(made).toMatchObject({ code: 0, stdout: `Copied to ${join(user.folder, 'copy')}: control-room.db, settings.yaml, own.yaml\n` })
    expect(made.stderr).toContain('The master key is not in it')
    await run('secrets', 'delete', 'CRM_TOKEN')
    room.child.kill('SIGTERM')
    await room.ended

    renameSync(user.dataFolder, `${user.dataFolder}.before`)
    renameSync(join(user.folder, 'copy'), user.dataFolder)
    expect(await run('secrets', 'get', 'CRM_TOKEN', '--reveal')).toMatchObject({ code: 0, stdout: 'an invented value\n' })
    expect((await run('audit', 'verify')).stdout).toMatch(/The audit of secrets is as it was written: [1-9]/)
  })

  it('names pg_dump where the room is in PostgreSQL, and copies nothing', async () => {
    const url = 'postgres://ada:an-invented-password@127.0.0.1:1/room'
    const { code, stderr } = await user.run(['backup', 'copy'], { environment: { DATABASE_URL: url } })
    expect(code).toBe(2)
    expect(stderr).toContain('pg_dump "$DATABASE_URL" --schema=iron_cage')
    expect(stderr).not.toContain('invented-password')
    expect(filesIn(user.folder)).toEqual([])
  })

  it('asks for a folder, and for a room', async () => {
    expect(await run('backup')).toMatchObject({ code: 2, stderr: 'iron_cage: iron_cage backup needs a FOLDER that is new or empty.\n' })
    expect(await run('backup', 'copy')).toMatchObject({ code: 74, stderr: expect.stringContaining('there is none') as string })
    expect(filesIn(user.folder)).toEqual([])
  })
})

const programs = findPostgres()

describe.skipIf(programs === null)(`a room in PostgreSQL${programs === null ? ' (not installed here: initdb and postgres of 15 or newer)' : ''}`, () => {
  it('comes back in an empty database by the very lines of its page', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/postgres.md'), 'utf8')
    const line = (program: string): string => new RegExp(`^${program} .+$`, 'm').exec(page)![0]
    const server = await startPostgres(programs!)
    try {
      const [url, other] = [await server.lend(), await server.lend()]
      const type = (command: string): void => {
        const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: user.folder, encoding: 'utf8', env: { PATH: process.env.PATH, DATABASE_URL: url, NEW_DATABASE_URL: other } })
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      }
      const adding = user.start(['secrets', 'add', 'CRM_TOKEN'], { input: 'pipe', environment: { ...environment, DATABASE_URL: url } })
      adding.child.stdin?.end('an invented value')
      expect((await adding.ended).code).toBe(0)
      type(line('pg_dump'))
      type(line('psql'))
      const restored = { environment: { ...environment, DATABASE_URL: other } }
      expect((await user.run(['audit', 'verify'], restored)).stdout).toContain('The audit of secrets is as it was written: 1 record.')
      expect(await user.run(['secrets', 'get', 'CRM_TOKEN', '--reveal'], restored)).toMatchObject({ code: 0, stdout: 'an invented value\n' })
    } finally {
      await server.stop()
    }
  })
})
