import { posix, win32 } from 'node:path'
import { matchesWildcard } from './wildcard.ts'

const PATH_KEYS = /(?:^|[_-])(?:paths?|files?|filenames?|filepaths?|dirs?|directory|directories|folders?|cwd|workdir|root)$/
const COMMAND_KEYS = /(?:^|[_-])(?:commands?|cmd|script|shell|args|argv|arguments|code)$/
const DRIVE = /^[A-Za-z]:(?:[\\/]|$)/
const SHARE = /^\\\\[^\\]/
const HOME = /^~[^/\\]{0,64}(?:[/\\]|$)/
/** What only the shell knows the meaning of: no path that anybody allowed. */
const VARIABLE = /^(?:\$\{?[A-Za-z_]\w{0,64}\}?|%[A-Za-z_]\w{0,64}%)(?:[/\\]|$)/
const DOTS = /(?:^|[/\\])\.\.(?:[/\\]|$)/

const FILE_URLS = /\bfile:[^\s"'`<>|]{1,2048}/gi
const OTHER_URLS = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'`<>]*/gi
const CLOSING_TAGS = /<\/[A-Za-z][\w:.-]{0,40}\s{0,4}>/g
/** What stands between what ends a path in a command line, a list or a sentence; a drive keeps its colon. */
const WORDS = /(?:(?<![A-Za-z0-9])[A-Za-z]:(?=[\\/]))?[^\s"'`<>|;,()[\]=:@&]+/g

/** Absolute paths that a text names; resolved against the working directory, symbolic links not followed. */
export function pathsOf(text: string, key: string, workingDirectory: string): readonly string[] {
  const paths = new Set<string>()
  const whole = text.trim()
  if (whole === '') return []
  const name = plainKey(key)
  const isPathKey = PATH_KEYS.test(name)
  if (/^file:/i.test(whole)) return [ofFileUrl(whole)]
  if (isPathKey && !/^[a-z][a-z0-9+.-]{1,30}:\/\//i.test(whole)) return [resolved(whole, workingDirectory)]
  if (looksLikePath(whole) && !/\s/.test(whole) && !isNetworkPath(whole)) return [resolved(whole, workingDirectory)]

  const words = text
    .replace(FILE_URLS, (url) => {
      paths.add(ofFileUrl(url))
      return ' '
    })
    .replace(OTHER_URLS, ' ')
    .replace(CLOSING_TAGS, ' ')
  const isCommand = COMMAND_KEYS.test(name)
  for (const [word] of words.matchAll(WORDS)) {
    if (looksLikePath(word) && !isNetworkPath(word) && (isCommand || !isSign(word))) paths.add(resolved(word, workingDirectory))
  }
  return [...paths]
}

/** `workingDir`, `working-dir` and `working_dir` are one. */
export function plainKey(key: string): string {
  return key
    .slice(-64)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

function looksLikePath(text: string): boolean {
  return /^(?:\/|\.{1,2}(?:$|[/\\]))/.test(text) || HOME.test(text) || DRIVE.test(text) || SHARE.test(text) || VARIABLE.test(text) || DOTS.test(text)
}

/** `//example.com/x`; `//etc/passwd` is a path. */
function isNetworkPath(text: string): boolean {
  return /^\/\/[^/\\]*\./.test(text)
}

/** A stroke between words, or a comment's. */
function isSign(text: string): boolean {
  return /^\/(?:\*+\/?|\/*)$/.test(text)
}

function ofFileUrl(text: string): string {
  try {
    const url = new URL(text)
    const path = decodeURIComponent(url.pathname)
    if (url.hostname !== '') return win32.normalize(`\\\\${url.hostname}${path.replaceAll('/', '\\')}`)
    return /^\/[A-Za-z]:/.test(path) ? win32.normalize(path.slice(1)) : posix.resolve('/', path)
  } catch {
    // What no rule can read is no path that was allowed.
    return text
  }
}

function resolved(named: string, workingDirectory: string): string {
  if (DRIVE.test(named) || SHARE.test(named)) return win32.resolve(named)
  if (HOME.test(named) || VARIABLE.test(named)) return posix.normalize(named.replaceAll('\\', '/'))
  // Backslashes that climb: for whom they do, they lead out.
  const path = DOTS.test(named) ? named.replaceAll('\\', '/') : named
  return DRIVE.test(workingDirectory) ? win32.resolve(workingDirectory, path) : posix.resolve(workingDirectory, path)
}

/** Exactly it or below it. */
export function isPathAllowed(allowed: readonly string[], path: string): boolean {
  return allowed.some((pattern) => {
    const isWindows = DRIVE.test(pattern) || SHARE.test(pattern)
    const base = comparable(pattern, isWindows)
    const asked = comparable(path, isWindows)
    return matchesWildcard(base, asked) || matchesWildcard(base === '/' ? '/*' : `${base}/*`, asked)
  })
}

/** Windows tells neither cases nor slashes apart. */
function comparable(path: string, isWindows: boolean): string {
  const slashed = isWindows ? path.replaceAll('\\', '/').toLowerCase() : path
  return slashed.length > 1 && slashed.endsWith('/') ? slashed.slice(0, -1) : slashed
}
