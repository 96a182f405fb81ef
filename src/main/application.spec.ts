import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findApplication, resourcesIn } from './application.ts'

let home: string
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'iron-cage-application-'))))
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** An installation; an archive looks like a folder to whoever runs within it. */
function install(folder: string): string {
  mkdirSync(join(folder, 'out', 'main', 'chunks'), { recursive: true })
  mkdirSync(join(folder, 'out', 'renderer'))
  writeFileSync(join(folder, 'out', 'renderer', 'index.html'), '')
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'iron-cage-control-room', productName: 'Iron Cage Control Room', version: '1.2.3' }))
  return join(folder, 'out', 'main', 'chunks')
}

describe('the application as installed', () => {
  it('is found from its bundles, past the packages of others', () => {
    const folder = join(home, 'node_modules', 'iron-cage-control-room')
    const chunks = install(folder)
    writeFileSync(join(folder, 'out', 'package.json'), JSON.stringify({ name: 'somebody-else', version: '9.9.9' }))
    expect(findApplication(chunks)).toEqual({ folder, version: '1.2.3', productName: 'Iron Cage Control Room', rendererFolder: join(folder, 'out', 'renderer') })
    expect(resourcesIn(folder)).toBe(join(folder, 'resources'))
  })

  it('has what other programs read beside the archive of a package, not in it', () => {
    const archive = join(home, 'resources', 'app.asar')
    expect(findApplication(install(archive)).folder).toBe(archive)
    expect(resourcesIn(archive)).toBe(join(home, 'resources'))
  })

  it('that lost its package.json says that it is incomplete', () => {
    expect(() => findApplication(home)).toThrow('the installation is incomplete')
  })
})
