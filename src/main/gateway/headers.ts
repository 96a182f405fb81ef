/** Header lists are names and values in turn, as they came: repeated ones stay repeated, and spelling stays. */
export type HeaderList = readonly string[]

/** What belongs to one hop, or is written anew for the next. */
const ONE_HOP = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'])
const WRITTEN_ANEW = new Set(['host', 'content-length', 'expect'])

export interface RequestHeaders {
  /** What goes on to the upstream. */
  readonly forwarded: string[]
  /** Null unless there is exactly one. */
  readonly host: string | null
  /** Browsers put one of two marks on what a page asks for: where the page is from, or how near that is. No SDK writes either. */
  readonly isOfPage: boolean
  readonly contentEncoding: string | null
  /** How often the agent's own SDK has tried this call before. */
  readonly retryCount: number
  /** The key it came with; empty where there is none. */
  readonly key: string
  /** The part of the run that the call belongs to; null where it names none. One that is named twice is none that there is. */
  readonly scope: string | null
}

const SCOPE_HEADER = 'x-iron-cage-scope'
/** What is said to us, and nobody beyond. */
const OURS = 'x-iron-cage-'

/** Reads a request's headers in one pass. */
export function readRequestHeaders(raw: HeaderList): RequestHeaders {
  const forwarded: string[] = []
  let host: string | null = null
  let hosts = 0
  let isOfPage = false
  let contentEncoding: string | null = null
  let retryCount = 0
  let key = ''
  let scope: string | null = null
  let named: string[] | null = null
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    const value = raw[i + 1]!
    if (name.startsWith(OURS)) {
      if (name === SCOPE_HEADER) scope = scope === null ? value.trim() : `${scope}, ${value.trim()}`
      continue
    }
    if (name === 'host') {
      hosts++
      host = value
    } else if (name === 'origin' || name === 'sec-fetch-site') isOfPage = true
    else if (name === 'connection') named = namedIn(value, named)
    else if (name === 'content-encoding') contentEncoding = value.toLowerCase()
    else if (name === 'x-stainless-retry-count') retryCount = Number.parseInt(value, 10) || 0
    else if (name === 'x-api-key') key ||= value.trim()
    else if (name === 'authorization') key ||= /^bearer\s+(\S+)/i.exec(value)?.[1] ?? ''
    // A provider that compresses would hide what it says of usage.
    else if (name === 'accept-encoding') continue
    if (!isOneHop(name) && !WRITTEN_ANEW.has(name)) forwarded.push(raw[i]!, value)
  }
  forwarded.push('accept-encoding', 'identity')
  const list = named ? without(forwarded, named) : forwarded
  return { forwarded: list, host: hosts === 1 ? host : null, isOfPage, contentEncoding, retryCount, key, scope }
}

/** What tells of a body's bytes. */
const OF_THE_BODY = new Set(['content-length', 'content-encoding', 'content-md5', 'content-digest', 'repr-digest', 'digest', 'etag'])

/** An answer's headers as they go on to the agent; without what tells of its bytes where the body is going to change. */
export function answerHeaders(raw: HeaderList, isChanged: boolean): string[] {
  const list: string[] = []
  let named: string[] | null = null
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    if (name === 'connection') named = namedIn(raw[i + 1]!, named)
    // What looks like ours is said by us alone.
    else if (!isOneHop(name) && !name.startsWith(OURS) && !(isChanged && OF_THE_BODY.has(name))) list.push(raw[i]!, raw[i + 1]!)
  }
  return named ? without(list, named) : list
}

/** The first header of this name, which is given in lower case. */
export function headerOf(raw: HeaderList, wanted: string): string | null {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!
    if (name.length === wanted.length && name.toLowerCase() === wanted) return raw[i + 1]!
  }
  return null
}

function isOneHop(name: string): boolean {
  return ONE_HOP.has(name) || name.startsWith('proxy-')
}

/** The headers that `Connection` declares to be for this hop too. */
function namedIn(value: string, before: string[] | null): string[] | null {
  const names = value.toLowerCase().split(',').map((name) => name.trim())
  const others = names.filter((name) => name !== 'keep-alive' && name !== 'close' && name !== '')
  return others.length === 0 ? before : [...(before ?? []), ...others]
}

function without(list: string[], names: readonly string[]): string[] {
  return list.filter((_, i) => !names.includes(list[i - (i % 2)]!.toLowerCase()))
}
