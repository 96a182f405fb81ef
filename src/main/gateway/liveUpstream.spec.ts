import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { samplePlan } from '../../shared/domain/testAgents.ts'
import type { Provider } from '../../shared/domain/provider.ts'
import { createLiveUpstream, type LiveUpstreamOptions } from './liveUpstream.ts'
import { createTestUpstream, type TestUpstream } from './testUpstream.ts'
import type { Upstream, UpstreamProblem, UpstreamRequest } from './upstream.ts'

let server: TestUpstream
const closers: (() => unknown)[] = []
beforeEach(async () => {
  server = await createTestUpstream()
  closers.push(() => server.close())
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Heard {
  status: number | null
  headers: readonly string[]
  text: string
  problem: UpstreamProblem | null
}

function open(options: Partial<LiveUpstreamOptions> = {}): Upstream {
  const upstream = createLiveUpstream({ limits: { connectMs: 5_000, idleMs: 5_000 }, environment: {}, ...options })
  closers.push(() => upstream.close())
  return upstream
}

function requestTo(base: string | null, path = '/chat/completions', provider: Provider = 'openai', changes: Partial<UpstreamRequest> = {}): UpstreamRequest {
  const plan = samplePlan()
  const upstreams = { openai: base, anthropic: base }
  const run = { agentId: 'lg-7a3f9c2d', plan: { ...plan, llm: { ...plan.llm, upstreams } } }
  return { run, provider, endpoint: 'chat/completions', method: 'POST', path, headers: ['x-a', '1'], body: Buffer.from('{}'), json: {}, ...changes }
}

function hear(upstream: Upstream, request: UpstreamRequest): Promise<Heard> {
  return new Promise((resolve) => {
    const heard: Heard = { status: null, headers: [], text: '', problem: null }
    let hasReturned = false
    const inTurn = (action: () => void): void => {
      expect(hasReturned).toBe(true)
      action()
    }
    upstream.send(request, {
      head: (status, headers) => inTurn(() => Object.assign(heard, { status, headers })),
      data: (chunk) => inTurn(() => (heard.text += chunk.toString())),
      end: () => inTurn(() => resolve(heard)),
      problem: (problem) => inTurn(() => resolve(Object.assign(heard, { problem }))),
    })
    hasReturned = true
  })
}

describe('a base URL', () => {
  it.each([
    ['/v1', '/chat/completions', '/v1/chat/completions'],
    ['/v1/', '/chat/completions', '/v1/chat/completions'],
    ['', '/v1/messages', '/v1/messages'],
    ['/', '/v1/messages?beta=true', '/v1/messages?beta=true'],
    ['/some/prefix/v1//', '/models/a%2Fb', '/some/prefix/v1/models/a%2Fb'],
    ['/v1?api-version=1', '/chat/completions', '/v1/chat/completions?api-version=1'],
    ['/v1?api-version=1', '/chat/completions?b=2', '/v1/chat/completions?b=2&api-version=1'],
  ])('that ends in %j leads %s to %s', async (base, path, url) => {
    expect((await hear(open(), requestTo(server.url + base, path))).status).toBe(200)
    expect(server.seen[0]!.url).toBe(url)
  })

  it('that is none is a problem, not a crash', async () => {
    expect((await hear(open(), requestTo('nowhere'))).problem).toMatchObject({ kind: 'connection', wasSent: false })
  })
})

describe('a connection', () => {
  it('is kept for the next call', async () => {
    const ports: (number | undefined)[] = []
    server.script = (response) => {
      ports.push(response.socket?.remotePort)
      response.end('{}')
    }
    const upstream = open()
    for (let i = 0; i < 10; i++) await hear(upstream, requestTo(server.url))
    // A connection is free again a turn after its answer; the next call may have opened a second by then.
    expect(new Set(ports).size).toBeLessThan(3)
  })

  it('is one of many where many call at once', async () => {
    let waiting = 0
    const all: (() => void)[] = []
    server.script = (response) => {
      all.push(() => response.end('{}'))
      if (++waiting === 40) for (const answer of all) answer()
    }
    const upstream = open()
    const heard = await Promise.all(Array.from({ length: 40 }, () => hear(upstream, requestTo(server.url))))
    expect(heard.every(({ status }) => status === 200)).toBe(true)
  })
})

describe('silence', () => {
  it.each([
    ['before the first byte', () => undefined, null],
    ['between two bytes', (response: { writeHead(status: number): void; write(text: string): void }) => (response.writeHead(200), response.write('half')), 200],
  ])('%s is a time-out', async (_when, script, status) => {
    server.script = script as never
    const heard = await hear(open({ limits: { connectMs: 5_000, idleMs: 200 } }), requestTo(server.url))
    expect([heard.status, heard.problem]).toEqual([status, { kind: 'time-out', wasSent: true, message: expect.stringMatching(/^127\.0\.0\.1:\d+ said nothing for 0\.2 s\.$/) }])
  })

  it('of an agent that takes nothing is none', async () => {
    let end = (): unknown => undefined
    server.script = (response, _seen, number) => {
      if (number > 1) return
      response.writeHead(200)
      response.write('first')
      end = () => response.end(', last')
    }
    const upstream = open({ limits: { connectMs: 5_000, idleMs: 200 } })
    let resume = (): void => undefined
    const answer = new Promise<Heard>((resolve) => {
      const heard: Heard = { status: null, headers: [], text: '', problem: null }
      const flow = upstream.send(requestTo(server.url), {
        head: (status) => void (heard.status = status),
        data(chunk) {
          heard.text += chunk.toString()
          if (heard.text === 'first') flow.pause()
        },
        end: () => resolve(heard),
        problem: (problem) => resolve({ ...heard, problem }),
      })
      resume = () => flow.resume()
    })
    // Another call that is given up for silence shows that the time is over.
    await hear(upstream, requestTo(server.url))
    end()
    resume()
    expect(await answer).toMatchObject({ text: 'first, last', problem: null })
  })
})

describe('what goes wrong', () => {
  it('before the answer, after the request, is told as that', async () => {
    server.script = (response) => response.destroy()
    expect((await hear(open(), requestTo(server.url))).problem).toMatchObject({ kind: 'connection', wasSent: true })
  })

  it('within the answer is a cut', async () => {
    server.script = (response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half', () => response.destroy())
    }
    expect(await hear(open(), requestTo(server.url))).toMatchObject({ status: 200, text: 'half', problem: { kind: 'cut', wasSent: true } })
  })

  it('is an answer that is no HTTP', async () => {
    const sockets = new Set<Socket>()
    const odd = createTcpServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end('good morning\r\n\r\n'))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => odd.once('listening', resolve))
    closers.push(() => new Promise((resolve) => odd.close(resolve)))
    const { port } = odd.address() as AddressInfo
    expect((await hear(open(), requestTo(`http://127.0.0.1:${port}`))).problem).toMatchObject({ kind: 'connection', wasSent: true })
  })

  it('is a server that speaks no TLS', async () => {
    const heard = await hear(open(), requestTo(server.url.replace('http:', 'https:')))
    expect(heard.problem).toMatchObject({ kind: 'connection', wasSent: false })
  })

  it.skipIf(spawnSync('openssl', ['version']).status !== 0)('is a certificate that nobody vouches for (needs openssl to make one)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'iron-cage-upstream-'))
    closers.push(() => rmSync(folder, { recursive: true, force: true }))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=invented']
    execFileSync('openssl', [...request, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const secure = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) })
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    closers.push(() => new Promise((resolve) => secure.close(resolve)))
    const { problem } = await hear(open(), requestTo(`https://127.0.0.1:${(secure.address() as AddressInfo).port}/v1`))
    expect(problem).toMatchObject({ kind: 'connection', wasSent: false })
    expect(problem!.message).toMatch(/could not be reached \(self-signed certificate.*name the file with its certificate in NODE_EXTRA_CA_CERTS/)
  })
})

describe('an abort', () => {
  it('ends the upstream’s work, and nothing more is heard', async () => {
    server.script = () => undefined
    const upstream = open()
    const told: string[] = []
    const tell = (what: string) => (): void => void told.push(what)
    const flow = upstream.send(requestTo(server.url), { head: tell('head'), data: tell('data'), end: tell('end'), problem: tell('problem') })
    const seen = await server.asked(1)
    expect(flow.wasSent?.()).toBe(true)
    flow.abort()
    await seen.gone
    flow.abort()
    server.script = (response) => response.end('{}')
    // Whatever was still to be told would have been told by now.
    await hear(upstream, requestTo(server.url))
    expect(told).toEqual([])
  })

  it('before there is a connection lets nothing out', async () => {
    const upstream = open()
    const flow = upstream.send(requestTo(server.url), { head() {}, data() {}, end() {}, problem() {} })
    flow.abort()
    expect(flow.wasSent?.()).toBe(false)
    server.script = (response) => response.end('{}')
    await hear(upstream, requestTo(server.url, '/second'))
    expect(server.seen.map(({ url }) => url)).toEqual(['/second'])
  })
})

describe('a proxy of the environment', () => {
  async function proxyServer(): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = []
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.end('{}')
    })
    proxy.on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`)
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    closers.push(() => (proxy.closeAllConnections(), new Promise((resolve) => proxy.close(resolve))))
    return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked }
  }

  it('is asked for what is far away', async () => {
    const { url, asked } = await proxyServer()
    await hear(open({ environment: { HTTPS_PROXY: url } }), requestTo('https://api.example.test/v1'))
    expect(asked).toEqual(['CONNECT api.example.test:443'])
  })

  it('needs no scheme in its address', async () => {
    const { url, asked } = await proxyServer()
    await hear(open({ environment: { https_proxy: url.replace('http://', '') } }), requestTo('https://api.example.test/v1'))
    expect(asked).toEqual(['CONNECT api.example.test:443'])
  })

  it.each(['socks4://127.0.0.1:1080', 'http://', 'http://user:pa%ss-invented@127.0.0.1:1'])('that cannot be used, as %s, is told by whoever needs it', async (address) => {
    const upstream = open({ environment: { HTTPS_PROXY: address } })
    expect((await hear(upstream, requestTo(server.url))).status).toBe(200)
    const { problem } = await hear(upstream, requestTo('https://api.example.test/v1'))
    const message = 'The upstream could not be reached (HTTPS_PROXY names no proxy that can be used: give it as http://host:port).'
    expect(problem).toEqual({ kind: 'connection', wasSent: false, message })
  })

  it('is not asked for this machine, nor for what it is not meant for', async () => {
    const { url, asked } = await proxyServer()
    const environment = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: 'api.example.test' }
    expect((await hear(open({ environment }), requestTo(server.url))).status).toBe(200)
    expect((await hear(open({ environment }), requestTo('https://api.example.test/v1'))).problem?.kind).toBe('connection')
    expect(asked).toEqual([])
  })
})
