import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici'
import type { Provider } from '../../shared/domain/provider.ts'
import type { Upstream, UpstreamFlow, UpstreamLimits, UpstreamProblem, UpstreamRequest } from './upstream.ts'

const OWN_ADDRESS: Record<Provider, string> = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com' }
const NAMES: Record<Provider, string> = { openai: 'OpenAI', anthropic: 'Anthropic' }

/** Where a run's calls to a provider go, as a URL writes the host. */
export function upstreamHost(provider: Provider, custom: string | null): string {
  const address = custom ?? OWN_ADDRESS[provider]
  const known = HOSTS.get(address)
  if (known !== undefined) return known
  const { host } = new URL(address)
  HOSTS.set(address, host)
  return host
}

const HOSTS = new Map<string, string>()

interface Base {
  readonly origin: string
  readonly prefix: string
  readonly search: string
  /** For sentences. */
  readonly name: string
  readonly dispatcher: Dispatcher
}

export interface LiveUpstreamOptions {
  readonly limits: UpstreamLimits
  /** Its proxies are used, as other programs use them. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Providers over the network: connections are kept, certificates verified, redirects never followed. */
export function createLiveUpstream({ limits, environment }: LiveUpstreamOptions): Upstream {
  const bases = new Map<string, Base>()
  const settings: Agent.Options = {
    // HTTP/1.1 alone: its headers come raw and in order, repeated ones repeated.
    allowH2: false,
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.idleMs,
    bodyTimeout: limits.idleMs,
    maxHeaderSize: 65_536,
  }
  const direct = new Agent(settings)
  const proxied = createProxied(settings, environment)

  function baseOf({ provider, run }: UpstreamRequest): Base {
    const custom = run.plan.llm.upstreams[provider]
    const address = custom ?? OWN_ADDRESS[provider]
    const known = bases.get(address)
    if (known) return known
    const { origin, pathname, search, hostname, host } = new URL(address)
    const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
    const name = custom === null ? `${NAMES[provider]} (${host})` : host
    // Going around a proxy that somebody has set is not ours to decide.
    if (!isHere && proxied.problem !== null) throw new Error(proxied.problem)
    const base = { origin, prefix: pathname.replace(/\/+$/, ''), search, name, dispatcher: isHere ? direct : (proxied.agent ?? direct) }
    bases.set(address, base)
    return base
  }

  return {
    send(request, listener) {
      let controller: Dispatcher.DispatchController | null = null
      let wasSent = false
      let hasHead = false
      let isOver = false
      let isDeaf = false
      let base: Base | null = null

      function fail(error: Error): void {
        if (isOver) return
        isOver = true
        // A dispatcher may refuse before `send` has returned.
        const problem = problemOf(error, { name: base?.name ?? 'The upstream', wasSent, hasHead, limits })
        queueMicrotask(() => isDeaf || listener.problem(problem))
      }

      try {
        base = baseOf(request)
        base.dispatcher.dispatch(
          {
            origin: base.origin,
            path: joined(base, request.path),
            method: request.method,
            headers: request.headers as string[],
            body: request.body,
          },
          {
            onRequestStart(given) {
              controller = given
              if (isDeaf) given.abort(new Error('The agent hung up.'))
            },
            onRequestSent() {
              wasSent = true
            },
            onResponseStart(given, status) {
              if (status < 200 || isOver) return
              hasHead = true
              listener.head(status, textOf(given.rawHeaders))
            },
            onResponseData(_given, chunk) {
              if (!isOver) listener.data(chunk)
            },
            onResponseEnd() {
              if (isOver) return
              isOver = true
              listener.end()
            },
            onResponseError(_given, error) {
              fail(error)
            },
          },
        )
      } catch (problem) {
        fail(problem instanceof Error ? problem : new Error(String(problem)))
      }

      const flow: UpstreamFlow = {
        pause() {
          controller?.pause()
        },
        resume() {
          if (!isOver) controller?.resume()
        },
        abort() {
          isDeaf = true
          if (isOver) return
          isOver = true
          controller?.abort(new Error('The agent hung up.'))
        },
        wasSent: () => wasSent,
      }
      return flow
    },
    async close() {
      await Promise.all([direct.destroy(), proxied.agent?.destroy()])
    },
  }
}

interface Proxied {
  /** Null where nothing goes through a proxy. */
  readonly agent: EnvHttpProxyAgent | null
  readonly problem: string | null
}

function createProxied(settings: Agent.Options, environment: LiveUpstreamOptions['environment']): Proxied {
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || ''
  const set = ['HTTP_PROXY', 'HTTPS_PROXY'].filter((name) => read(name) !== '')
  if (set.length === 0) return { agent: null, problem: null }
  try {
    const [httpProxy, httpsProxy] = [withScheme(read('HTTP_PROXY')), withScheme(read('HTTPS_PROXY'))]
    return { agent: new EnvHttpProxyAgent({ ...settings, httpProxy, httpsProxy, noProxy: read('NO_PROXY') }), problem: null }
  } catch {
    // The address may hold a password: it is not repeated.
    return { agent: null, problem: `${set.join(' or ')} names no proxy that can be used: give it as http://host:port` }
  }
}

/** `proxy.example.com:8080`, as other programs take it too. */
function withScheme(address: string): string {
  return address === '' || address.includes('://') ? address : `http://${address}`
}

function joined({ prefix, search }: Base, path: string): string {
  if (search === '') return prefix + path
  return `${prefix}${path}${path.includes('?') ? `&${search.slice(1)}` : search}`
}

function textOf(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  return Array.isArray(raw) ? raw.map((item) => (typeof item === 'string' ? item : item.toString('latin1'))) : []
}

/** A certificate whose authority this machine does not know. */
const NOT_VOUCHED_FOR = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
const SILENT = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

interface Moment {
  readonly name: string
  readonly wasSent: boolean
  readonly hasHead: boolean
  readonly limits: UpstreamLimits
}

function problemOf(error: Error & { code?: string }, { name, wasSent, hasHead, limits }: Moment): UpstreamProblem {
  const why = (error.message || error.code || error.name).replace(/\.$/, '')
  if (SILENT.has(error.code ?? '')) {
    const waited = (wasSent ? limits.idleMs : limits.connectMs) / 1000
    const message = wasSent ? `${name} said nothing for ${waited} s.` : `${name} took no connection within ${waited} s.`
    return { kind: 'time-out', wasSent, message }
  }
  if (hasHead) return { kind: 'cut', wasSent, message: `${name} broke its answer off (${why}).` }
  if (NOT_VOUCHED_FOR.has(error.code ?? '')) {
    const remedy = 'where its authority is your own, name the file with its certificate in NODE_EXTRA_CA_CERTS and start the room anew'
    return { kind: 'connection', wasSent, message: `${name} could not be reached (${why}): ${remedy}.` }
  }
  const message = wasSent ? `${name} closed the connection without an answer (${why}).` : `${name} could not be reached (${why}).`
  return { kind: 'connection', wasSent, message }
}
