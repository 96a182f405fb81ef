/** How a host tells the page which script somebody opened from outside: a second start, the dock, a command line. */

const MARK = '#launch='

export function launchLink(script: string): string {
  return MARK + encodeURIComponent(script)
}

/** The script of a page's `location.hash`; null when it names none. */
export function scriptOfLink(hash: string): string | null {
  if (!hash.startsWith(MARK)) return null
  try {
    return decodeURIComponent(hash.slice(MARK.length)) || null
  } catch {
    return null
  }
}
