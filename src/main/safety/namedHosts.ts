import { matchesWildcard } from './wildcard.ts'

export interface NamedHost {
  /** As a browser would reach it: lower case, punycode, no trailing dot, IP addresses written out. */
  readonly name: string
  /** Null where the scheme's own is meant. */
  readonly port: string | null
  readonly shown: string
}

const HOST_KEYS = /(?:^|[_-])(?:url|urls|uri|host|hosts|hostname|endpoint|endpoints|domain|origin|server|address|webhook|link|href)$/
/** What comes after a scheme, or after a bare `//`, up to what cannot be in a URL. */
const AUTHORITIES = /(?:[A-Za-z][A-Za-z0-9+.-]{0,30}:|(?<![\w:/\\]))[/\\]{2}[^\s"'`<>{}|^]{1,2048}/g

/** Hosts that a text names. */
export function hostsOf(text: string, key: string): readonly NamedHost[] {
  const hosts: NamedHost[] = []
  const add = (url: string): void => {
    const host = hostOf(url)
    if (host !== null && !hosts.some((one) => one.shown === host.shown)) hosts.push(host)
  }
  for (const [url] of text.matchAll(AUTHORITIES)) add(url)
  const whole = text.trim()
  if (hosts.length === 0 && whole !== '' && isHostKey(key) && !whole.startsWith('/') && !/\s/.test(whole)) add(`//${whole}`)
  return hosts
}

function isHostKey(key: string): boolean {
  return key.length <= 64 && HOST_KEYS.test(key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase())
}

function hostOf(found: string): NamedHost | null {
  if (/^file:/i.test(found)) return null
  // As http, so that every scheme's host is read by the same strict rules.
  const rest = found.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, '').replace(/^[/\\]+/, '')
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(found)?.[1]?.toLowerCase() ?? null
  const standard = scheme === 'https' || scheme === 'wss' ? 'https' : 'http'
  try {
    const url = new URL(`${standard}://${rest}`)
    const name = url.hostname.replace(/\.+$/, '')
    if (name === '') return null
    return { name, port: url.port === '' ? null : url.port, shown: url.port === '' ? name : `${name}:${url.port}` }
  } catch {
    // What no rule can read is no host that was allowed.
    const shown = rest.slice(0, 253)
    return { name: shown, port: null, shown }
  }
}

/** `*.example.com` covers what is below example.com and not itself; a pattern without a port allows them all. */
export function isHostAllowed(allowed: readonly string[], host: NamedHost): boolean {
  return allowed.some((text) => {
    const { name, port } = hostPattern(text)
    if (port !== null && port !== host.port) return false
    return matchesWildcard(name, host.name)
  })
}

function hostPattern(text: string): { name: string; port: string | null } {
  const bare = text.trim().toLowerCase().replace(/^[a-z][a-z0-9+.-]*:\/\//, '').replace(/\/.*$/, '')
  const [, name = bare, port = null] = /^(.*?)(?::(\d+|\*))?$/.exec(bare.startsWith('[') ? bare : bare) ?? []
  const trimmed = name.replace(/\.+$/, '')
  return { name: trimmed.includes('*') ? trimmed : asUrlWrites(trimmed), port: port === '*' ? null : port }
}

function asUrlWrites(name: string): string {
  try {
    return new URL(`http://${name}`).hostname.replace(/\.+$/, '')
  } catch {
    return name
  }
}
