import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../systemPorts.ts'
import { OWNER_TOKEN_FILE, readOwnerToken } from './ownerToken.ts'

let folder: string
let warnings: string[]
const file = (): string => join(folder, OWNER_TOKEN_FILE)
const read = (): Promise<string> => readOwnerToken(folder, systemRandom, (sentence) => warnings.push(sentence))
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iron-cage-owner-'))
  warnings = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the owner token', () => {
  it('is 32 random bytes in a file that only the owner can open, and the same at every start', async () => {
    const token = await read()
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(await modeOf(file())).toBe(0o600)
    expect(await read()).toBe(token)
    expect(await readdir(folder)).toEqual([OWNER_TOKEN_FILE])
    expect(warnings).toEqual([])
  })

  it('makes the data folder, closed to others, when it is not there', async () => {
    await rm(folder, { recursive: true })
    await read()
    expect(await modeOf(folder)).toBe(0o700)
  })

  it('is one token when many start at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, read))
    expect(new Set(tokens).size).toBe(1)
    expect(await readdir(folder)).toEqual([OWNER_TOKEN_FILE])
  })

  it.each([0o644, 0o640, 0o606, 0o620])('is closed again, with a warning, when its mode was %o', async (mode) => {
    const token = await read()
    await chmod(file(), mode)
    expect(await read()).toBe(token)
    expect(await modeOf(file())).toBe(0o600)
    expect(warnings).toEqual([expect.stringContaining(`${file()} was open to other users`)])
  })

  it.each([
    ['nothing', ''],
    ['a short word', 'hunter2'],
    ['a sentence', 'this is not a token but a sentence of many words\n'],
    ['something with a line break in it', `${'a'.repeat(40)}\n${'b'.repeat(40)}`],
  ])('is refused, and left alone, when the file holds %s', async (_what, content) => {
    await writeFile(file(), content, { mode: 0o600 })
    await expect(read()).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringMatching(/owner\.token holds no owner token .* Delete it, and the next start makes a new one\./),
    })
    expect(await readFile(file(), 'utf8')).toBe(content)
  })

  it('is refused when a folder has its name', async () => {
    await mkdir(file())
    await expect(read()).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION', message: expect.stringContaining('is no plain file') })
  })

  it('is refused when a link has its name, so that nobody can point us at a file of theirs', async () => {
    const theirs = join(folder, 'theirs')
    await writeFile(theirs, `${'0'.repeat(64)}\n`, { mode: 0o644 })
    await symlink(theirs, file())
    await expect(read()).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION', message: expect.stringContaining('is no plain file') })
    expect(await modeOf(theirs)).toBe(0o644)
  })

  it.runIf(process.getuid?.() === 0)('is refused when it belongs to somebody else', async () => {
    await read()
    await chown(file(), 12345, 12345)
    await expect(read()).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION', message: expect.stringContaining('belongs to another user') })
  })
})
