import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { useTestFolders } from '../../state/testFolder.ts'
import { findSocketPlace } from './socketPlace.ts'

const folders = useTestFolders()

it('on Windows is a pipe whose name nobody guesses, another one each time', async () => {
  const [first, second] = [await findSocketPlace('C:\\data', 'win32'), await findSocketPlace('C:\\data', 'win32')]
  for (const { path } of [first, second]) expect(path).toMatch(/^\\\\\.\\pipe\\iron-cage-[0-9a-f]{32}$/)
  expect(first.path).not.toBe(second.path)
  await first.remove()
})

it('elsewhere is in the data folder, and in a folder of its own where that path is too long', async () => {
  const folder = folders.make()
  const near = await findSocketPlace(folder, 'linux')
  expect(near.path).toBe(join(folder, 'run', 'bridge'))
  const far = await findSocketPlace(join(folder, 'x'.repeat(120)), 'linux')
  expect(Buffer.byteLength(far.path)).toBeLessThan(104)
  expect((await stat(join(far.path, '..'))).mode & 0o777).toBe(0o700)
  for (const place of [near, far]) await place.remove()
  await expect(stat(join(far.path, '..'))).rejects.toThrow('ENOENT')
})
