import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scriptFrom } from './launchArguments.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iron-cage-arguments-'))
  mkdirSync(join(folder, 'application'))
  writeFileSync(join(folder, 'agent.py'), '')
  writeFileSync(join(folder, 'main.js'), '')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const unpackaged = (...argv: string[]): string | null => scriptFrom({ argv, workingDirectory: folder, isUnpackaged: true })
const packaged = (...argv: string[]): string | null => scriptFrom({ argv, workingDirectory: folder, isUnpackaged: false })

describe('the script on a command line', () => {
  it('is the first argument that is a file, after the application itself', () => {
    expect(unpackaged('electron', 'application', 'agent.py')).toBe(join(folder, 'agent.py'))
    expect(unpackaged('electron', 'main.js', 'agent.py')).toBe(join(folder, 'agent.py'))
    expect(packaged('iron-cage', join(folder, 'agent.py'))).toBe(join(folder, 'agent.py'))
    expect(packaged('iron-cage', 'absent.py', 'agent.py')).toBe(join(folder, 'agent.py'))
  })

  it('may be the address of a file on this machine, as a Linux desktop hands it over', () => {
    writeFileSync(join(folder, 'über #1.py'), '')
    const address = pathToFileURL(join(folder, 'über #1.py')).href
    expect(packaged('iron-cage', address)).toBe(join(folder, 'über #1.py'))
    expect(packaged('iron-cage', address.replace('file://', 'file://elsewhere'))).toBeNull()
    expect(packaged('iron-cage', 'file:///%00', 'file:///a%2Fb', 'file:agent.pyy')).toBeNull()
  })

  it('is not a flag, the program, the application, a folder or a file that is not there', () => {
    expect(unpackaged('electron')).toBeNull()
    expect(unpackaged('electron', 'main.js')).toBeNull()
    expect(packaged('agent.py')).toBeNull()
    expect(packaged('iron-cage', '.', 'application', '--inspect=0', '', 'absent.py', 'agent.py/deeper')).toBeNull()
    expect(unpackaged('electron', '--original-process-start-time=1', 'application', 'agent.py')).toBe(join(folder, 'agent.py'))
  })
})
