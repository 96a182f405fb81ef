import type { Direction } from '../../../shared/domain/safetyRules.ts'
import { printPath, type Segment } from '../../safety/jsonPath.ts'
import { asObject, type JsonObject } from '../dialects/json.ts'

/** A text in a request that neither the agent's author nor its user wrote: what a tool gave back, a document. */
export interface IncomingText {
  readonly segments: readonly Segment[]
  readonly place: string
  readonly text: string
  readonly direction: Direction
  readonly isEncoded: boolean
  /** What stands before the base64 of an encoded one: `data:text/csv;base64,`. */
  readonly prefix: string
}

const NOTHING_HIDDEN: ReadonlySet<number> = new Set()
const TOOL_RESULT = /(?:^|_)tool_result$|_call_output$|^mcp_call$/
const DOCUMENTS = new Set<unknown>(['document', 'search_result', 'file', 'input_file'])
/** What agents wrap documents in that they put into a user's message. */
const MARKED = /<(?:documents?|file|context|search_results?|web_?page|attachment)[\s>]/i
/** Formats that are text. */
const TEXT_TYPE = /^(?:text\/|application\/(?:[\w.-]*\+)?(?:json|xml|yaml|x-yaml|x-ndjson|csv|javascript|sql|toml|rtf)\b)/i
const TEXT_URL = /^data:([^,;]{1,100})(?:;[^,]{0,100})?;base64,/i
const MANY = 1_000

/** Finds them by where they stand, in every dialect. Pauses in long histories. */
export function* incomingTexts(json: unknown, mayBeEncoded: boolean): Generator<void, readonly IncomingText[]> {
  const found: IncomingText[] = []
  const body = asObject(json)
  if (!body) return found
  let seen = 0
  for (const list of ['messages', 'input']) {
    const messages = body[list]
    if (!Array.isArray(messages)) continue
    for (const [index, value] of messages.entries()) {
      const message = asObject(value)
      if (!message) continue
      const segments: Segment[] = [list, index]
      if (message.role === 'tool' || message.role === 'function') allTexts(message.content, [...segments, 'content'], 'tools', found)
      else if (typeof message.type === 'string' && TOOL_RESULT.test(message.type)) allTexts(message.output, [...segments, 'output'], 'tools', found)
      else if (typeof message.content === 'string') marked(message.role, message.content, [...segments, 'content'], found)
      else if (Array.isArray(message.content)) {
        for (const [at, block] of (message.content as unknown[]).entries()) {
          readBlock(message.role, asObject(block), [...segments, 'content', at], mayBeEncoded, found)
          if (++seen % MANY === 0) yield
        }
      }
      if (++seen % MANY === 0) yield
    }
  }
  return found
}

function readBlock(role: unknown, block: JsonObject | null, segments: readonly Segment[], mayBeEncoded: boolean, found: IncomingText[]): void {
  if (!block) return
  if (mayBeEncoded) readEncoded(block, segments, 'to-model', found)
  if (typeof block.type === 'string' && TOOL_RESULT.test(block.type)) {
    allTexts(block.content, [...segments, 'content'], 'tools', found)
    if (mayBeEncoded && Array.isArray(block.content)) {
      for (const [at, inner] of (block.content as unknown[]).entries()) {
        const object = asObject(inner)
        if (object) readEncoded(object, [...segments, 'content', at], 'tools', found)
      }
    }
  } else if (DOCUMENTS.has(block.type)) allTexts(block, segments, 'to-model', found)
  else if (typeof block.text === 'string') marked(role, block.text, [...segments, 'text'], found)
}

/** A user's own words are no document, unless a part of them is marked as one. */
function marked(role: unknown, text: string, segments: readonly Segment[], found: IncomingText[]): void {
  if (role !== 'user' || !text.includes('<')) return
  const start = text.search(MARKED)
  if (start >= 0) found.push(plainText(segments, text.slice(start), 'to-model'))
}

/** Every string within; what is behind base64 is read apart. */
function allTexts(value: unknown, segments: readonly Segment[], direction: Direction, found: IncomingText[]): void {
  const rest: { readonly value: unknown; readonly segments: readonly Segment[] }[] = [{ value, segments }]
  for (let next = rest.pop(); next; next = rest.pop()) {
    const { value: inner, segments: at } = next
    if (typeof inner === 'string') {
      if (inner !== '' && !inner.startsWith('data:')) found.push(plainText(at, inner, direction))
    } else if (Array.isArray(inner)) for (let i = inner.length - 1; i >= 0; i--) rest.push({ value: inner[i], segments: [...at, i] })
    else {
      const object = asObject(inner)
      if (!object || object.type === 'base64' || object.type === 'image') continue
      for (const name of Object.keys(object).reverse()) rest.push({ value: object[name], segments: [...at, name] })
    }
  }
}

function plainText(segments: readonly Segment[], text: string, direction: Direction): IncomingText {
  return { segments, place: printPath({ segments, hidden: NOTHING_HIDDEN }), text, direction, isEncoded: false, prefix: '' }
}

/** Documents that are text, sent as base64: Anthropic's sources, OpenAI's files, data URLs. */
function readEncoded(block: JsonObject, segments: readonly Segment[], direction: Direction, found: IncomingText[]): void {
  const source = asObject(block.source)
  if (source?.type === 'base64' && typeof source.data === 'string' && TEXT_TYPE.test(String(source.media_type))) {
    found.push(decoded([...segments, 'source', 'data'], source.data, '', direction))
  }
  const file = asObject(block.file)
  const data: readonly [readonly Segment[], unknown][] = [
    [[...segments, 'file', 'file_data'], file?.file_data],
    [[...segments, 'file_data'], block.file_data],
    [[...segments, 'file_url'], block.file_url],
    [[...segments, 'source', 'url'], source?.url],
  ]
  for (const [at, url] of data) {
    const prefix = typeof url === 'string' ? TEXT_URL.exec(url.slice(0, 300)) : null
    if (prefix && TEXT_TYPE.test(prefix[1]!)) found.push(decoded(at, url as string, prefix[0], direction))
  }
}

function decoded(segments: readonly Segment[], value: string, prefix: string, direction: Direction): IncomingText {
  const text = Buffer.from(value.slice(prefix.length), 'base64').toString('utf8')
  return { segments, place: printPath({ segments, hidden: NOTHING_HIDDEN }), text, direction, isEncoded: true, prefix }
}
