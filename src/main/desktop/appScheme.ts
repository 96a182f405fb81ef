import { readFile, realpath } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { contentTypeOf } from '../page/contentTypes.ts'
import { SECURITY_HEADERS } from '../page/securityHeaders.ts'

/** The window's own address: nothing of the page comes from a file: URL or from the network. */
export const SCHEME = 'app'
export const ORIGIN = 'app://control-room'
export const START_PAGE = `${ORIGIN}/`

const HEADERS = { ...SECURITY_HEADERS, 'cache-control': 'no-store' }

/** Whether an address lies within our own origin. Node knows no origin for such schemes, so scheme and host are compared. */
export function isOwnUrl(address: string): boolean {
  const url = parse(address)
  return url !== null && url.protocol === `${SCHEME}:` && url.host === 'control-room'
}

/** Whether an address is the page itself, whatever stands behind its number sign: the one place that the window may go to. */
export function isStartPage(address: string): boolean {
  return isOwnUrl(address) && new URL(address).href.replace(/#.*$/s, '') === START_PAGE
}

/** Serves the files of one folder and nothing beside it. */
export function createFolderAnswerer(folder: string): (request: { url: string; method: string }) => Promise<Response> {
  return async ({ url, method }) => {
    if (method !== 'GET' && method !== 'HEAD') return refusal(405)
    const path = isOwnUrl(url) ? pathOf(url) : null
    if (path === null) return refusal(404)
    const contentType = contentTypeOf(path)
    if (!contentType) return refusal(404)
    try {
      const root = await realpath(folder)
      // A link inside the folder may lead out of it: what counts is where the file really lies.
      const file = await realpath(resolve(root, `.${path}`))
      if (!file.startsWith(root + sep)) return refusal(404)
      const body = await readFile(file)
      return new Response(method === 'HEAD' ? null : new Uint8Array(body), { headers: { ...HEADERS, 'content-type': contentType } })
    } catch {
      return refusal(404)
    }
  }
}

function pathOf(address: string): string | null {
  try {
    const path = decodeURIComponent(new URL(address).pathname)
    if (/[\\\0]/.test(path)) return null
    return path === '/' ? '/index.html' : path
  } catch {
    return null
  }
}

function refusal(status: 404 | 405): Response {
  return new Response(status === 404 ? 'Not found' : 'Method not allowed', {
    status,
    headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' },
  })
}

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null
}
