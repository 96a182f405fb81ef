import { z } from 'zod'
import { isLoopback } from '../alerts/loopback.ts'
import type { Kind } from './kinds.ts'

const hasUserInfo = (given: unknown): boolean => typeof given === 'string' && given.includes('@')

/** An address that is parsed before anybody believes it; null from `read` refuses it. */
function address(allowed: string, read: (url: URL) => string | null): Kind<string> {
  return {
    schema: z.string().transform((given, context) => {
      const url = /^[^\s\0]+$/.test(given) ? URL.parse(given) : null
      const value = url && read(url)
      if (value) return value
      context.addIssue('no such address')
      return z.NEVER
    }),
    allowed,
    flagTakes: 'one',
    placeholder: 'URL',
    fromText: (text) => text,
    show: (value) => value,
    // A password that was put in front of the host does not go on into an error's sentence.
    conceals: hasUserInfo,
  }
}

function isHttp(url: URL): boolean {
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== ''
}

function isBare(url: URL): boolean {
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '' && !/[?#]$/.test(url.href)
}

/** Where a provider's API begins, as its SDK would be given it. */
export const baseUrl: Kind<string> = address(
  'a base URL with http or https and without user name, query or fragment, such as http://127.0.0.1:9999/v1',
  (url) => (isHttp(url) && isBare(url) ? url.href.replace(/\/+$/, '') : null),
)

/** Where programs come from: whoever stands on the way shall not be able to hand over others. */
export const secureUrl: Kind<string> = address(
  'a URL with https and without user name, query or fragment, such as https://updates.example.com/control-room',
  (url) => (url.protocol === 'https:' && url.hostname !== '' && isBare(url) ? url.href.replace(/\/+$/, '') : null),
)

/** What goes there names models, agents and costs: on the way nobody shall read it. */
export const collectorUrl: Kind<string> = address(
  'a URL with https, or with http on this machine, without user name, query or fragment, such as http://127.0.0.1:4318',
  (url) => (isHttp(url) && isBare(url) && (url.protocol === 'https:' || isLoopback(url.hostname)) ? url.href.replace(/\/+$/, '') : null),
)

export const smtpServer: Kind<string> = address(
  'smtp://HOST:PORT or smtps://HOST:PORT without user name and password, which are settings of their own',
  (url) => {
    const isMail = url.protocol === 'smtp:' || url.protocol === 'smtps:'
    return isMail && url.hostname !== '' && isBare(url) && /^\/?$/.test(url.pathname) ? url.href.replace(/\/$/, '') : null
  },
)

/** Its path is often its only secret, so that only its host is shown. */
export const webhookUrl: Kind<string> = {
  ...address('a URL with http or https and without user name', (url) => (isHttp(url) && url.username === '' && url.password === '' ? url.href : null)),
  show: (value) => `${new URL(value).origin}/…`,
  isMasked: true,
  conceals: (given) => typeof given === 'string' && given !== '',
}

export const mailAddress: Kind<string> = {
  schema: z.string().max(254).regex(/^[^\s@<>,;:"\0]+@[^\s@<>,;:"\0]+$/),
  allowed: 'one mail address, such as ada@example.com',
  flagTakes: 'one',
  placeholder: 'ADDRESS',
  fromText: (text) => text,
  show: (value) => value,
}

export const userName: Kind<string> = {
  schema: z.string().regex(/^[^\0\r\n]+$/),
  allowed: 'a name',
  flagTakes: 'one',
  placeholder: 'NAME',
  fromText: (text) => text,
  show: (value) => value,
}
