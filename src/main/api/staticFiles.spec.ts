import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApi, type Api } from './openApi.ts'
import { SECURITY_HEADERS } from '../page/securityHeaders.ts'
import { ask } from './testHttp.ts'
import { createTestRoom, type TestRoom } from './testRoom.ts'
import { expectRefusal } from './testShapes.ts'

let folder: string
let test: TestRoom
let api: Api

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iron-cage-static-'))
  await mkdir(join(folder, 'page', 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.html'), 'secret')
  await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>Room</title>')
  await writeFile(join(folder, 'page', 'icon.svg'), '<svg/>')
  await writeFile(join(folder, 'page', 'assets', 'index-4f2a91c0.js'), 'export {}')
  await writeFile(join(folder, 'page', 'assets', 'index-4f2a91c0.css'), 'a{}')
  await writeFile(join(folder, 'page', 'assets', 'plain.js'), 'export {}')
  await writeFile(join(folder, 'page', 'assets', 'two-words.js'), 'export {}')
  await writeFile(join(folder, 'page', 'assets', 'index-4f2a91c0.js.map'), '{}')
  await writeFile(join(folder, 'page', '.env'), 'KEY=invented')
  await symlink(join(folder, 'secret.html'), join(folder, 'page', 'linked.html'))
  test = await createTestRoom()
  api = await openApi(test.room, { port: 0, rendererFolder: join(folder, 'page'), version: '1.2.3' })
})
afterAll(async () => {
  await api.close()
  await test.remove()
  await rm(folder, { recursive: true })
})

const IMMUTABLE = 'public, max-age=31536000, immutable'

describe("the renderer's files", () => {
  it.each([
    ['/', 'text/html; charset=utf-8', 'no-cache', '<!doctype html><title>Room</title>'],
    ['/index.html', 'text/html; charset=utf-8', 'no-cache', '<!doctype html><title>Room</title>'],
    ['/icon.svg', 'image/svg+xml', 'no-cache', '<svg/>'],
    ['/assets/index-4f2a91c0.js', 'text/javascript; charset=utf-8', IMMUTABLE, 'export {}'],
    ['/assets/index-4f2a91c0.css', 'text/css; charset=utf-8', IMMUTABLE, 'a{}'],
    ['/assets/plain.js', 'text/javascript; charset=utf-8', 'no-cache', 'export {}'],
    ['/assets/two-words.js', 'text/javascript; charset=utf-8', 'no-cache', 'export {}'],
    ['/?agent=lg-7a3f9c2d', 'text/html; charset=utf-8', 'no-cache', '<!doctype html><title>Room</title>'],
  ])('%s is served without asking who is there', async (path, type, cacheControl, text) => {
    const answer = await ask(api.port, path)
    expect([answer.status, answer.text]).toEqual([200, text])
    expect(answer.headers).toMatchObject({ ...SECURITY_HEADERS, 'content-type': type, 'cache-control': cacheControl })
  })

  it('answer a HEAD without content, and one who has them already with nothing', async () => {
    const head = await ask(api.port, '/', { method: 'HEAD' })
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '34'])
    const again = await ask(api.port, '/', { headers: { 'if-none-match': head.headers['etag']! } })
    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', head.headers['etag']])
    expect((await ask(api.port, '/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  it.each([
    '/../secret.html',
    '/assets/../../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/..%5csecret.html',
    '//secret.html',
    '/assets/..%2f..%2fsecret.html',
    '/linked.html',
    '/.env',
    '/assets/index-4f2a91c0.js.map',
    '/assets/',
    '/assets',
    '/index.html/',
    '/INDEX.HTML',
    '/etc/passwd',
    '/constructor',
    '/__proto__',
    '/index.html%00.js',
  ])('%s is not among them', async (path) => {
    const answer = await ask(api.port, path)
    expectRefusal(answer, 'NOT_FOUND')
  })

  it('cannot be posted to', async () => {
    expectRefusal(await ask(api.port, '/', { method: 'POST', body: {} }), 'NOT_FOUND')
  })
})

describe('a room without its page', () => {
  it.each([['missing', join(tmpdir(), 'iron-cage-no-such-folder')], ['none', null]])('(%s) says so in one sentence, and serves the API', async (_what, rendererFolder) => {
    const other = await openApi(test.room, { port: 0, rendererFolder, version: '1.2.3' })
    const answer = await ask(other.port, '/')
    expect([answer.status, answer.headers['content-type']]).toEqual([503, 'text/plain; charset=utf-8'])
    expect(answer.text).toBe('The control room runs, but its page is not built: run "npm run build" in its folder and start it again.\n')
    expect(answer.headers).toMatchObject(SECURITY_HEADERS)
    expect((await ask(other.port, '/api/health')).status).toBe(200)
    await other.close()
  })
})
