import type { Ask } from '../api/testHttp.ts'

/** What the browser of somebody who looks at a hostile page sends, whatever that page does. For specs only. */
export interface PageRequest {
  readonly what: string
  readonly ask: Ask
}

const MARKS = (site: string, mode: string, dest: string): Record<string, string> => ({ 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest, 'user-agent': 'Mozilla/5.0 (invented)' })
const JSON_TEXT = '{"agentId":"lg-7a3f9c2d","script":"/bin/sh","reason":"invented"}'

/** None of these asks for leave first: a preflight is refused besides. */
export function pageRequests(port: number): PageRequest[] {
  const evil = 'https://evil.example'
  const neighbour = `http://localhost:${port + 1}`
  const posts = (origin: string, site: string): PageRequest[] => [
    ...['text/plain', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'].map((type) => ({
      what: `a request that needs no leave, ${type}, from ${origin}`,
      ask: { method: 'POST', body: JSON_TEXT, headers: { origin, 'content-type': type, ...MARKS(site, 'no-cors', 'empty') } },
    })),
    { what: `a form that is sent from ${origin}`, ask: { method: 'POST', body: 'agentId=lg-7a3f9c2d&reason=invented', headers: { origin, 'content-type': 'application/x-www-form-urlencoded', ...MARKS(site, 'navigate', 'document') } } },
    { what: `a beacon from ${origin}`, ask: { method: 'POST', body: JSON_TEXT, headers: { origin, 'content-type': 'text/plain', ...MARKS(site, 'no-cors', 'empty') } } },
    { what: `JSON from ${origin}`, ask: { method: 'POST', body: JSON_TEXT, headers: { origin, 'content-type': 'application/json', ...MARKS(site, 'cors', 'empty') } } },
  ]
  const parts = (site: string): PageRequest[] =>
    (['image', 'script', 'style', 'iframe', 'object', 'audio', 'font', 'document'] as const).map((dest) => ({
      what: `a part of a page, ${dest}, ${site}`,
      ask: { method: 'GET', headers: MARKS(site, dest === 'document' || dest === 'iframe' ? 'navigate' : 'no-cors', dest) },
    }))
  return [...posts(evil, 'cross-site'), ...posts('null', 'cross-site'), ...posts(neighbour, 'same-site'), ...parts('cross-site'), ...parts('same-site')]
}

/** A name of the page's own that leads here by now: to the browser all of it is one site. */
export function reboundRequests(port: number): PageRequest[] {
  const host = `rebind.example:${port}`
  return [
    { what: 'a page under a name that was rebound reads', ask: { method: 'GET', headers: { host, ...MARKS('same-origin', 'cors', 'empty') } } },
    { what: 'a page under a name that was rebound changes', ask: { method: 'POST', body: JSON_TEXT, headers: { host, origin: `http://${host}`, ...MARKS('same-origin', 'cors', 'empty') } } },
    ...[`127.1:${port}`, `localhost.:${port}`, `[::]:${port}`, `[::ffff:127.0.0.1]:${port}`, `0.0.0.0:${port}`, `127.0.0.1.:${port}`].map((name) => ({
      what: `a page that calls us ${name}`,
      ask: { method: 'GET', headers: { host: name, ...MARKS('same-origin', 'cors', 'empty') } },
    })),
  ]
}
