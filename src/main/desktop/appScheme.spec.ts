import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFolderAnswerer, isOwnUrl, isStartPage } from './appScheme.ts'

let home: string
let answer: ReturnType<typeof createFolderAnswerer>

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'iron-cage-scheme-'))
  await mkdir(join(home, 'renderer', 'assets'), { recursive: true })
  await writeFile(join(home, 'renderer', 'index.html'), '<!doctype html><title>room</title>')
  await writeFile(join(home, 'renderer', 'assets', 'page.js'), 'export {}')
  await writeFile(join(home, 'renderer', 'assets', 'notes.map'), '{}')
  await writeFile(join(home, 'secret.html'), 'not yours')
  await writeFile(join(home, 'renderer-twin.html'), 'not yours either')
  // A name that only POSIX allows; on Windows it would be a path.
  if (process.platform !== 'win32') await writeFile(join(home, 'renderer', 'odd\\name.html'), 'a path in disguise')
  await symlink(join(home, 'secret.html'), join(home, 'renderer', 'link.html'))
  answer = createFolderAnswerer(join(home, 'renderer'))
})

afterAll(() => rm(home, { recursive: true, force: true }))

const get = (url: string): Promise<Response> => answer({ url, method: 'GET' })

describe('the answers of the own scheme', () => {
  it('gives the start page with its security headers', async () => {
    const response = await get('app://control-room/')
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<title>room</title>')
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
  })

  it('gives a script the type that a module needs', async () => {
    const response = await get('app://control-room/assets/page.js')
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await response.text()).toBe('export {}')
  })

  it.each([
    'app://control-room/../secret.html',
    'app://control-room/%2e%2e/secret.html',
    'app://control-room/..%2fsecret.html',
    'app://control-room/assets/..%2f..%2fsecret.html',
    'app://control-room/..%5csecret.html',
    'app://control-room/odd%5cname.html',
    'app://control-room/..%2frenderer-twin.html',
    'app://control-room/link.html',
    'app://control-room/%00/index.html',
    'app://control-room/%zz',
    'app://control-room//etc/passwd.html',
    'app://elsewhere/index.html',
    'app://control-room:81/index.html',
    'file:///etc/passwd',
    'app://control-room/assets',
    'app://control-room/assets/notes.map',
    'app://control-room/absent.js',
  ])('refuses %s, with the headers all the same', async (url) => {
    const response = await get(url)
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('Not found')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('answers reading methods only', async () => {
    expect((await answer({ url: 'app://control-room/', method: 'POST' })).status).toBe(405)
    const head = await answer({ url: 'app://control-room/', method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })
})

describe('which addresses are ours', () => {
  it.each(['app://control-room', 'app://control-room/', 'app://control-room/assets/page.js'])('%s is', (url) => {
    expect(isOwnUrl(url)).toBe(true)
  })

  it.each([
    'app://control-room.evil.example/',
    'app://control-room:80/',
    'https://control-room/',
    'APP2://control-room/',
    'http://app://control-room/',
    'null',
    '',
  ])('%j is not', (url) => {
    expect(isOwnUrl(url)).toBe(false)
  })

  it('lets the window go to its start page only', () => {
    expect(isStartPage('app://control-room/')).toBe(true)
    expect(isStartPage('app://control-room/#launch=%2Ftmp%2Fagent.py')).toBe(true)
    expect(isStartPage('app://control-room/?x=1')).toBe(false)
    expect(isStartPage('app://control-room/assets/page.js')).toBe(false)
    expect(isStartPage('https://control-room/')).toBe(false)
  })
})
