import { posix, win32 } from 'node:path'
import { matchesWildcard } from './wildcard.ts'

const PATH_KEYS = /^(?:.*[_-])?(?:path|paths|file|files|filename|filepath|filepaths|dir|dirs|directory|folder|folders|cwd|workdir|root)$/
const DRIVE = /^[A-Za-z]:[\\/]/
/** What ends a path inside a command line or a sentence. */
const WORDS = /[^\s"'`<>|;,()[\]{}=]+/g

/** Absolute paths that a text names; resolved against the working directory, symbolic links not followed. */
export function pathsOf(text: string, key: string, workingDirectory: string): readonly string[] {
  const paths: string[] = []
  const add = (named: string): void => {
    const path = resolvePath(named, workingDirectory)
    if (path !== null && !paths.includes(path)) paths.push(path)
  }
  const whole = text.trim()
  if (whole === '') return paths
  if (looksLikePath(whole) || isPathKey(key)) add(whole)
  for (const [word] of text.matchAll(WORDS)) if (word !== whole && looksLikePath(word)) add(word)
  return paths
}

function isPathKey(key: string): boolean {
  if (key.length > 64) return false
  return PATH_KEYS.test(key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase())
}

function looksLikePath(text: string): boolean {
  if (text.startsWith('//') || text.startsWith('/*')) return false
  return (
    /^(?:\/|~(?:$|[/\\])|\.\.?(?:$|[/\\])|\\\\|file:)/i.test(text) || DRIVE.test(text) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(text)
  )
}

function resolvePath(named: string, workingDirectory: string): string | null {
  let path = named
  if (/^file:/i.test(path)) {
    try {
      const url = new URL(path)
      path = decodeURIComponent(url.pathname)
      if (/^\/[A-Za-z]:/.test(path)) path = path.slice(1)
    } catch {
      return named
    }
  } else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return null
  if (DRIVE.test(path) || path.startsWith('\\\\')) return win32.normalize(path)
  if (path.startsWith('~')) return path.replace(/[\\/]+$/, '') === '~' ? '~' : posix.normalize(path)
  return posix.resolve(workingDirectory, path)
}

/** Exactly it or below it. */
export function isPathAllowed(allowed: readonly string[], path: string): boolean {
  return allowed.some((pattern) => {
    const isWindows = DRIVE.test(pattern) || pattern.startsWith('\\\\')
    const base = plain(pattern, isWindows)
    const asked = plain(path, isWindows)
    return matchesWildcard(base, asked) || matchesWildcard(base === '/' ? '/*' : `${base}/*`, asked)
  })
}

/** Windows does not tell cases or slashes apart. */
function plain(path: string, isWindows: boolean): string {
  const slashed = isWindows ? path.replaceAll('\\', '/').toLowerCase() : path
  return slashed.length > 1 ? slashed.replace(/\/+$/, '') : slashed
}
