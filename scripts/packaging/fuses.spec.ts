import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import setFuses, { programOf, requireFuses, type PackedApplication } from './fuses.ts'

/** As @electron/fuses finds them in a program: its mark, the version, how many, and a character for each. Electron's own program is not needed for it. */
const MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
/** As Electron ships them. */
const SHIPPED = '101100011'
const WANTED = '010011001'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'iron-cage-fuses-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function packed(electronPlatformName: string): PackedApplication {
  return { appOutDir: folder, electronPlatformName, packager: { appInfo: { productFilename: 'Iron Cage Control Room' }, executableName: 'iron-cage-control-room' } }
}

function writeProgram(path: string, fuses: string, copies = 1): string {
  mkdirSync(dirname(path), { recursive: true })
  const one = Buffer.concat([Buffer.from('\x7fELF and more'), Buffer.from(MARK), Buffer.from([1, fuses.length]), Buffer.from(fuses), Buffer.from('and the rest')])
  writeFileSync(path, Buffer.concat(Array.from({ length: copies }, () => one)))
  return path
}

function fusesIn(path: string): string[] {
  return readFileSync(path, 'latin1').split(MARK).slice(1).map((after) => after.slice(2, 2 + after.charCodeAt(1)))
}

describe('a packaged room', () => {
  it.each([
    ['linux', 'iron-cage-control-room'],
    ['win32', 'Iron Cage Control Room.exe'],
    ['darwin', 'Iron Cage Control Room.app/Contents/Frameworks/Electron Framework.framework/Electron Framework'],
  ])('(%s) is no Node, takes no options or inspector, seals cookies and runs its own archive only', async (platform, file) => {
    const program = writeProgram(join(folder, file), SHIPPED)
    // Apple's own program for signatures is asked on a Mac alone, and knows an invented program for none.
    if (platform === 'darwin' && process.platform === 'darwin') return
    await setFuses(packed(platform))
    expect(fusesIn(program)).toEqual([WANTED])
  })

  it('for both kinds of Macs has them in both halves', async () => {
    const file = 'Iron Cage Control Room.app/Contents/Frameworks/Electron Framework.framework/Electron Framework'
    const program = writeProgram(join(folder, file), SHIPPED, 2)
    await setFuses(packed('mas'))
    expect(fusesIn(program)).toEqual([WANTED, WANTED])
  })

  it('is not made while Electron has a fuse that nobody has decided on', async () => {
    const program = writeProgram(programOf(packed('linux')), `${SHIPPED}1`)
    await expect(setFuses(packed('linux'))).rejects.toThrow('strictlyRequireAllFuses')
    expect(fusesIn(program)).toEqual([`${SHIPPED}1`])
  })

  it('is not made where a fuse is gone, or there are none', async () => {
    writeProgram(programOf(packed('linux')), SHIPPED.slice(0, 5))
    await expect(setFuses(packed('linux'))).rejects.toThrow('not long enough')
    writeFileSync(programOf(packed('linux')), 'no program of Electron')
    await expect(setFuses(packed('linux'))).rejects.toThrow('sentinel')
  })

  it('is told apart from one whose fuses somebody set back', async () => {
    const program = writeProgram(programOf(packed('linux')), `1${WANTED.slice(1)}`)
    await expect(requireFuses(program)).rejects.toThrow('RunAsNode')
    await expect(requireFuses(writeProgram(program, WANTED))).resolves.toBeUndefined()
  })
})
