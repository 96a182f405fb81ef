import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { claimDataFolder, findInstance } from './ownership.ts'
import { useTestFolders } from './testFolder.ts'
import { asStranger } from './testStranger.ts'

const folders = useTestFolders()
let children: ChildProcess[] = []
afterEach(async () => {
  await Promise.all(children.map((child) => end(child)))
  children = []
})

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Another process that tries to own the folder; gives its first word too. */
async function startOwner(dataFolder: string, port = ''): Promise<{ child: ChildProcess; word: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testOwner.ts'), dataFolder, port], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const [word] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, word }
}

function refusal(dataFolder: string): AppError {
  try {
    claimDataFolder(dataFolder).release()
  } catch (problem) {
    if (problem instanceof AppError) return problem
    throw problem
  }
  throw new Error('It was claimed.')
}

const published = { url: 'http://127.0.0.1:4567', port: 4567, startedAt: 1_000, version: '0.0.1' }

describe('within one process', () => {
  it('the folder has one owner, who can be found until it lets go', () => {
    const dataFolder = join(folders.make(), 'made')
    expect(findInstance(dataFolder)).toBeNull()
    const ownership = claimDataFolder(dataFolder)
    expect(findInstance(dataFolder)).toEqual({ pid: process.pid, url: null, port: null, startedAt: null, version: null })
    ownership.publish(published)
    expect(findInstance(dataFolder)).toEqual({ pid: process.pid, ...published })
    expect(refusal(dataFolder)).toMatchObject({ code: 'CONFLICT' })
    ownership.release()
    ownership.release()
    expect(findInstance(dataFolder)).toBeNull()
    expect(existsSync(join(dataFolder, 'instance.json'))).toBe(false)
    claimDataFolder(dataFolder).release()
  })

  it('an owner who has let go says nothing any more', () => {
    const dataFolder = folders.make()
    const ownership = claimDataFolder(dataFolder)
    ownership.release()
    ownership.publish(published)
    expect(existsSync(join(dataFolder, 'instance.json'))).toBe(false)
  })

  it.runIf(process.platform !== 'win32')('lock and address are for the owner alone', () => {
    const dataFolder = folders.make()
    const ownership = claimDataFolder(dataFolder)
    ownership.publish(published)
    for (const name of ['owner.lock', 'instance.json']) expect(statSync(join(dataFolder, name)).mode & 0o777).toBe(0o600)
    ownership.release()
  })

  it('a lock file that is none is named', () => {
    const dataFolder = folders.make()
    writeFileSync(join(dataFolder, 'owner.lock'), 'This is an invented text. '.repeat(100))
    expect(refusal(dataFolder)).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(`The lock ${join(dataFolder, 'owner.lock')} cannot be taken (SQLITE_NOTADB)`) })
  })

  it.runIf(process.platform !== 'win32')('a folder that may only be read is named, and not its lock', async () => {
    const dataFolder = folders.make()
    claimDataFolder(dataFolder).release()
    chmodSync(dataFolder, 0o555)
    const problem = await asStranger(dataFolder, () => refusal(dataFolder))
    chmodSync(dataFolder, 0o700)
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(`The data folder ${dataFolder} cannot be used`) })
  })

  it('a folder that is none is named', () => {
    const file = join(folders.make(), 'file')
    writeFileSync(file, '')
    expect(refusal(file)).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(`The data folder ${file} cannot be used`) })
  })
})

describe('between processes', () => {
  it('the second is told who the first is and where', async () => {
    const dataFolder = folders.make()
    const { child, word } = await startOwner(dataFolder, '4567')
    expect(word).toBe('claimed')
    const instance = { pid: child.pid, ...published }
    expect(refusal(dataFolder)).toMatchObject({
      code: 'CONFLICT',
      message: `The data folder ${dataFolder} is in use by the control room with process id ${child.pid} at http://127.0.0.1:4567: talk to that one, stop it, or set IRON_CAGE_HOME to another folder.`,
      details: { folder: dataFolder, instance },
    })
    expect(findInstance(dataFolder)).toEqual(instance)
  })

  it('looking never lets go of the lock that this process holds', async () => {
    const dataFolder = folders.make()
    const ownership = claimDataFolder(dataFolder)
    findInstance(dataFolder)
    refusal(dataFolder)
    const { word } = await startOwner(dataFolder)
    expect(word).toBe('CONFLICT')
    ownership.release()
  })

  it('an owner who is killed leaves a lock that is free and an address that counts for nothing', async () => {
    const dataFolder = folders.make()
    const { child } = await startOwner(dataFolder, '4567')
    await end(child)
    expect(readFileSync(join(dataFolder, 'instance.json'), 'utf8')).toContain(`"pid":${child.pid}`)
    expect(findInstance(dataFolder)).toBeNull()
    const ownership = claimDataFolder(dataFolder)
    expect(findInstance(dataFolder)).toMatchObject({ pid: process.pid, url: null })
    ownership.release()
  })

  it('an owner who leaves by itself takes its address along', async () => {
    const dataFolder = folders.make()
    const { child } = await startOwner(dataFolder, '4567')
    child.stdin?.end()
    await once(child, 'exit')
    expect(existsSync(join(dataFolder, 'instance.json'))).toBe(false)
    expect(findInstance(dataFolder)).toBeNull()
  })

  it("a new owner is not taken for its predecessor while it has not said who it is", async () => {
    const dataFolder = folders.make()
    const { child } = await startOwner(dataFolder, '4567')
    const left = readFileSync(join(dataFolder, 'instance.json'))
    await end(child)
    const ownership = claimDataFolder(dataFolder)
    writeFileSync(join(dataFolder, 'instance.json'), left)
    expect(findInstance(dataFolder)).toEqual({ pid: null, url: null, port: null, startedAt: null, version: null })
    ownership.release()
  })

  it('nobody is kept from a free folder by those who only look', async () => {
    const dataFolder = folders.make()
    claimDataFolder(dataFolder).release()
    const lookers = await Promise.all([startOwner(dataFolder, 'look'), startOwner(dataFolder, 'look')])
    expect(lookers.map(({ word }) => word)).toEqual(['looking', 'looking'])
    for (let i = 0; i < 200; i++) claimDataFolder(dataFolder).release()
  })

  it('of many at once exactly one wins', async () => {
    const dataFolder = folders.make()
    const words = await Promise.all(Array.from({ length: 5 }, () => startOwner(dataFolder)))
    expect(words.map(({ word }) => word).sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'claimed'])
  })
})
