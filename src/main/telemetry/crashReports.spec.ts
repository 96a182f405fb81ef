import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestFolder } from '../configuration/testFolder.ts'

const MASTER_KEY = '0123456789abcdef'.repeat(4)

let folder: ReturnType<typeof createTestFolder>
beforeEach(() => void (folder = createTestFolder()))
afterEach(() => folder.remove())

/** Programs of ours that may run without a room, and so without its watch for crashes; a room's own reports are searched by leaks/storedSecrets.spec.ts. */
it.each([
  ['the command line', join(import.meta.dirname, '../cli/main.ts'), ['--version']],
  ['the process that asks the keychain', join(import.meta.dirname, '../secrets/keychainProcess.ts'), [join(import.meta.dirname, 'no-such-keytar'), 'look']],
])('what Node reports of %s leaves its environment out', async (_what, program, args) => {
  const report = join(folder.path, 'report.json')
  const writesReport = `data:text/javascript,process.on('exit',()=>process.report.writeReport(${JSON.stringify(report)}))`
  const env = { PATH: process.env.PATH, HOME: folder.path, IRON_CAGE_HOME: join(folder.path, 'data'), IRON_CAGE_KEYCHAIN: 'off', IRON_SECRETS_MASTER_KEY: MASTER_KEY }
  await promisify(execFile)(process.execPath, ['--import', writesReport, program, ...args], { env })
  expect(existsSync(report)).toBe(true)
  const written = readFileSync(report, 'utf8')
  expect(written).toContain('"header"')
  expect(written).not.toContain(MASTER_KEY)
})
