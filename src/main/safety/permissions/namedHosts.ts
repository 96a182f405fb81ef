import { plainKey } from './namedPaths.ts'
import { matchesWildcard } from './wildcard.ts'

export interface NamedHost {
  /** As a browser would reach it: lower case, punycode, no trailing dot, IP addresses written out. Null where nobody could tell. */
  readonly name: string | null
  /** Null where neither the address nor its scheme says. */
  readonly port: string | null
  readonly shown: string
}

const HOST_KEYS = /(?:^|[_-])(?:urls?|uris?|hosts?|hostnames?|endpoints?|domains?|origin|webhooks?|href|proxy)$/
/** These name other things too: postal addresses, services. */
const PERHAPS_HOST_KEYS = /(?:^|[_-])(?:servers?|address|addresses|links?|remote|upstream|target)$/
const LOOKS_LIKE_HOST = /^[\w.-]+\.[a-z]{2,63}\.?(?::\d+)?(?:[/?#]|$)|^\d+\.\d+\.\d+\.\d+(?:[:/]|$)/i
/** A scheme and what can stand in a URL; browsers need no slashes after those that they know. */
const URLS = /(?:\b(?:https?|wss?|ftp):[/\\]{0,9}|\b[A-Za-z][A-Za-z0-9+.-]{0,30}:[/\\]{2,9}|(?<![\w:/\\])\/\/(?=[^\s/]{0,253}\.))[^\s"'`<>]{1,2048}/gi
const LONGEST_AUTHORITY = 512
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ws: '80', wss: '443', ftp: '21', ssh: '22', sftp: '22' }

/** Hosts that a text names. */
export function hostsOf(text: string, key: string): readonly NamedHost[] {
  const hosts = new Map<string, NamedHost>()
  const seen = new Set<string>()
  const add = (url: string): void => {
    // To read what is no address takes longest.
    if (seen.has(url)) return
    seen.add(url)
    for (const host of readingsOf(url)) hosts.set(host.shown, host)
  }
  for (const [url] of text.matchAll(URLS)) add(url)
  const whole = text.trim()
  // Browsers drop line breaks and tabs within an address.
  const joined = whole.replace(/[\t\r\n]/g, '')
  if (joined !== whole && !joined.includes(' ') && joined.split('//').length === 2) for (const [url] of joined.matchAll(URLS)) add(url)
  const share = /^\\\\([^\\\s]+)\\/.exec(whole)
  if (share?.[1] !== undefined) add(`//${share[1]}`)
  if (hosts.size > 0) return [...hosts.values()]

  const name = plainKey(key)
  const isHostKey = HOST_KEYS.test(name)
  if (!isHostKey && !PERHAPS_HOST_KEYS.test(name)) return []
  for (const word of whole.split(/[\s,;]+/)) {
    if (word === '' || /^[/.#?]/.test(word)) continue
    if (isHostKey || LOOKS_LIKE_HOST.test(word)) add(`//${word}`)
  }
  return [...hosts.values()]
}

/** One; two where programs disagree on what an address means. */
function readingsOf(url: string): readonly NamedHost[] {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase() ?? null
  if (scheme === 'file') return []
  const rest = url.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, '').replace(/^[/\\]+/, '')
  const strict = rest.split(/[/?#]/)[0] ?? ''
  const authorities = new Set([strict.split('\\')[0] ?? '', strict.includes('\\') ? (strict.split('@').at(-1) ?? '') : ''])
  return [...authorities].filter((authority) => authority !== '').map((authority) => hostOf(authority, scheme))
}

function hostOf(authority: string, scheme: string | null): NamedHost {
  const bare = withoutClosing(authority)
  try {
    // Read as http whatever its scheme, so that the strict rules hold for all.
    const url = new URL(`http://${bare}`)
    const name = url.hostname.replace(/\.+$/, '')
    if (name === '') throw new TypeError('no host')
    const given = /:(\d+)$/.exec(bare)?.[1] ?? null
    return { name, port: given ?? (scheme === null ? null : (DEFAULT_PORTS[scheme] ?? null)), shown: given === null ? name : `${name}:${given}` }
  } catch {
    // What no rule can read is no host that was allowed.
    return { name: null, port: null, shown: bare.slice(0, 253) || authority.slice(0, 253) }
  }
}

/** Without what closes a sentence or a bracket around it. */
function withoutClosing(authority: string): string {
  let end = Math.min(authority.length, LONGEST_AUTHORITY)
  const closing = `).,;:!*'"${authority.includes('{') ? '' : '}'}${authority.includes('[') ? '' : ']'}`
  while (end > 0 && closing.includes(authority[end - 1] ?? '')) end--
  return authority.slice(0, end)
}

/** `*.example.com` covers what is below example.com, not itself; a pattern without a port allows every port. */
export function isHostAllowed(allowed: readonly string[], { name, port }: NamedHost): boolean {
  return allowed.some((text) => {
    const pattern = hostPattern(text)
    if (pattern.name === '*' && pattern.port === null) return true
    return name !== null && (pattern.port === null || pattern.port === port) && matchesWildcard(pattern.name, name)
  })
}

function hostPattern(text: string): { name: string; port: string | null } {
  const address = text
    .trim()
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/[/?#].*$/, '')
  const found = /^(\[[^\]]*\]|[^:]*)(?::(\d+|\*))?$/.exec(address)
  const name = (found?.[1] ?? address).replace(/\.+$/, '')
  const port = found?.[2] ?? null
  return { name: name.includes('*') ? name : asUrlsWriteIt(name), port: port === '*' ? null : port }
}

function asUrlsWriteIt(name: string): string {
  try {
    return new URL(`http://${name}`).hostname.replace(/\.+$/, '')
  } catch {
    return name
  }
}
