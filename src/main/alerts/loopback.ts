import { isIPv4 } from 'node:net'

/** Whether a host as it stands in a URL is this very machine, so that nobody on the way can listen. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase()
  return name === 'localhost' || name === '[::1]' || name === '::1' || (isIPv4(name) && name.startsWith('127.'))
}
