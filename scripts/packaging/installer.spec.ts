import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'

const include = join(import.meta.dirname, '..', '..', 'packaging', 'installer.nsh')
const isThere = spawnSync('makensis', ['-VERSION']).status === 0

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iron-cage-installer-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** As electron-builder's own script calls it, which takes plug-ins that come from elsewhere. */
const SCRIPT = (macro: string): string => `Unicode true
Name "room"
OutFile "${join(folder, 'room.exe')}"
RequestExecutionLevel user
Var appExe
!include "${include}"
Section
  SetShellVarContext current
  StrCpy $appExe "$TEMP\\room.exe"
  !insertmacro ${macro}
  WriteUninstaller "$TEMP\\uninstall.exe"
SectionEnd
Section Uninstall
  SetShellVarContext current
  !insertmacro customUnInstall
SectionEnd
`

it.skipIf(!isThere)(`what we add to the installer is taken by NSIS without a warning${isThere ? '' : ' (skipped: there is no makensis; Debian has it in the package nsis)'}`, async () => {
  const script = join(folder, 'room.nsi')
  writeFileSync(script, SCRIPT('customInstall'))
  await promisify(execFile)('makensis', ['-WX', '-V2', script])
  expect(existsSync(join(folder, 'room.exe'))).toBe(true)
  writeFileSync(script, SCRIPT('customInstal'))
  await expect(promisify(execFile)('makensis', ['-WX', '-V2', script])).rejects.toThrow()
})
