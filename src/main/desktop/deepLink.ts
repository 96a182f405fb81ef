import { LINK_SCHEME } from './identity.ts'

export type DeepLink =
  /** The window comes to the front. */
  | { readonly kind: 'open' }
  /** Somebody shall look at the launch card of a script. */
  | { readonly kind: 'launch'; readonly script: string }

/** Longer than what browsers and mail agents agree on; an address beyond it is there to hide something. */
const LONGEST_LINK = 2048
/** Controls, line ends, and what turns the direction of writing: with them a question would show another path than it asks about. */
const DECEPTIVE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/**
 * Any web page may hand us a link. What it says is one of these and nothing beside it, or it is no link of ours:
 * `iron-cage://open`, and `iron-cage://launch?script=/absolute/path/of/agent.py`.
 */
export function readDeepLink(given: string, platform: NodeJS.Platform): DeepLink | null {
  if (given.length > LONGEST_LINK || !URL.canParse(given)) return null
  const { protocol, username, password, host, pathname, hash, search, searchParams } = new URL(given)
  if (protocol !== `${LINK_SCHEME}:` || username !== '' || password !== '' || hash !== '' || (pathname !== '' && pathname !== '/')) return null
  if (host === 'open') return search === '' ? { kind: 'open' } : null
  if (host !== 'launch') return null
  const [[name, script] = ['', ''], ...more] = [...searchParams]
  if (name !== 'script' || more.length > 0 || !isPlainPath(script, platform)) return null
  return { kind: 'launch', script }
}

/** An absolute path on this machine. A name of the network is none: looking for it would tell that machine who is here. */
function isPlainPath(path: string, platform: NodeJS.Platform): boolean {
  // What could not be decoded has become a replacement character.
  if (DECEPTIVE.test(path) || path.includes('\uFFFD')) return false
  return platform === 'win32' ? /^[A-Za-z]:[\\/](?![\\/])[^:*?"<>|]*$/.test(path) : /^\/(?!\/)/.test(path)
}

/** The link on a command line, as Windows and Linux hand it over; whether it is one of ours is not said yet. */
export function linkFrom(argv: readonly string[]): string | null {
  return argv.slice(1).find((word) => word.toLowerCase().startsWith(`${LINK_SCHEME}:`)) ?? null
}
