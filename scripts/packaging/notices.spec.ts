import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installedPackages, NOTICES, packageOf, readNotice, writtenNotices } from './notices.ts'

const root = join(import.meta.dirname, '..', '..')
const built = join(root, 'out', 'renderer', NOTICES)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iron-cage-notices-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function packageWith(manifest: object, files: Readonly<Record<string, string>> = {}): string {
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) writeFileSync(join(folder, name), text)
  return folder
}

it.each([
  ['/room/node_modules/vue/dist/vue.js', '/room/node_modules/vue'],
  ['/room/node_modules/@vue/shared/index.js', '/room/node_modules/@vue/shared'],
  ['/room/node_modules/a/node_modules/b/index.js', '/room/node_modules/a/node_modules/b'],
  ['C:\\room\\node_modules\\vue\\index.js', 'C:/room/node_modules/vue'],
  ['/room/src/renderer/main.ts', null],
])('%s belongs to %s', (file, expected) => {
  expect(packageOf(file)).toBe(expected)
})

describe('what a package asks to be said', () => {
  it('is its license and its notice, word for word', () => {
    mkdirSync(join(folder, 'licenses'))
    const notice = readNotice(packageWith({ name: 'one', version: '1.0.0', license: 'Apache-2.0' }, { LICENSE: 'Copyright Ada\n', 'NOTICE.md': 'By Ada.', 'README.md': 'Read me.' }))
    expect(notice).toEqual({ name: 'one', version: '1.0.0', license: 'Apache-2.0', texts: ['By Ada.', 'Copyright Ada'], author: null })
  })

  it('is who made it where it has no text', () => {
    const notice = readNotice(packageWith({ name: 'one', version: '1.0.0', license: 'MIT', author: { name: 'Ada' } }))
    expect(writtenNotices('Work of others.', [notice])).toContain('one 1.0.0 (MIT), by Ada')
  })

  it('is said once, in the order of names', () => {
    const of = (name: string) => ({ name, version: '1.0.0', license: 'MIT', texts: [`Copyright ${name}`], author: null })
    const written = writtenNotices('Work of others.', [of('two'), of('one'), of('two')])
    expect(written.match(/^\w+ 1\.0\.0 .*|^Copyright .*/gm)).toEqual(['one 1.0.0 (MIT)', 'Copyright one', 'two 1.0.0 (MIT)', 'Copyright two'])
  })
})

it('what goes along as it is: all that we load, and none of our tools', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>
  const folders = installedPackages(root)
  expect(folders).toEqual(expect.arrayContaining(Object.keys(dependencies ?? {}).map((name) => join(root, 'node_modules', name))))
  for (const tool of Object.keys(devDependencies ?? {})) expect(folders).not.toContain(join(root, 'node_modules', tool))
  // The terms of each can be read.
  for (const one of folders) expect(readNotice(one).license).not.toBe('terms of its own')
})

it.skipIf(!existsSync(built))(`the built page says whose work is in it, styles too${existsSync(built) ? '' : ' (skipped: npm run build has not been run)'}`, () => {
  const written = readFileSync(built, 'utf8')
  for (const name of ['@vue/runtime-dom', '@vue/reactivity', 'pinia', 'reka-ui', 'chart.js', '@lucide/vue', '@xterm/xterm', 'tailwindcss', 'tw-animate-css']) {
    expect(written).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|ISC)\\)$`, 'm'))
  }
  expect(written).toContain('Permission is hereby granted')
  expect(written).not.toMatch(/^(vite|typescript|vitest|electron) \d/m)
})
