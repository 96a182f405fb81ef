import type { Direction } from '../../../shared/domain/safetyRules.ts'
import { printPath, type Segment } from '../../safety/json/jsonPath.ts'
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
  const take = (value: unknown, segments: readonly Segment[], direction: Direction): Generator<void, void> => allTexts(value, segments, direction, mayBeEncoded, found)
  for (const name of ['input', 'prompt']) if (typeof body[name] === 'string') marked('user', body[name], [name], found)
  let seen = 0
  for (const list of ['messages', 'input']) {
    const messages = body[list]
    if (!Array.isArray(messages)) continue
    for (const [index, value] of messages.entries()) {
      const message = asObject(value)
      if (!message) continue
      const segments: Segment[] = [list, index]
      if (message.role === 'tool' || message.role === 'function') yield* take(message.content, [...segments, 'content'], 'tools')
      else if (typeof message.type === 'string' && TOOL_RESULT.test(message.type)) yield* take(message.output, [...segments, 'output'], 'tools')
      else if (typeof message.content === 'string') marked(message.role, message.content, [...segments, 'content'], found)
      else if (Array.isArray(message.content)) {
        for (const [at, block] of (message.content as unknown[]).entries()) {
          const object = asObject(block)
          const place = [...segments, 'content', at]
          if (object && typeof object.type === 'string' && TOOL_RESULT.test(object.type)) yield* take(object.content, [...place, 'content'], 'tools')
          else if (DOCUMENTS.has(object?.type)) yield* take(object, place, 'to-model')
          else if (typeof object?.text === 'string') marked(message.role, object.text, [...place, 'text'], found)
          if (++seen % MANY === 0) yield
        }
      }
      if (++seen % MANY === 0) yield
    }
  }
  return found
}

/** A user's own words are no document, unless a part of them is marked as one. */
function marked(role: unknown, text: string, segments: readonly Segment[], found: IncomingText[]): void {
  if (role !== 'user' || !text.includes('<')) return
  const start = text.search(MARKED)
  if (start >= 0) found.push(plainText(segments, text.slice(start), 'to-model'))
}

/** As deep as places are told apart: what lies deeper is looked through as well, and told as being there. */
const DEEPEST = 100

/** The way to a value, shared by all that lie on it: the whole way for each of them would be the square of a deep one. */
interface Way {
  readonly segment: Segment
  readonly above: Way | null
  readonly depth: number
}

/** Every string within, and every document behind base64. */
function* allTexts(value: unknown, segments: readonly Segment[], direction: Direction, mayBeEncoded: boolean, found: IncomingText[]): Generator<void, void> {
  const rest: { readonly value: unknown; readonly way: Way | null; readonly isDeeper: boolean }[] = [{ value, way: null, isDeeper: false }]
  let seen = 0
  for (let next = rest.pop(); next; next = rest.pop()) {
    if (++seen % MANY === 0) yield
    const { value: inner, way, isDeeper } = next
    const into = (child: unknown, segment: Segment): void => {
      // Numbers and the like are none.
      if (typeof child !== 'string' && (typeof child !== 'object' || child === null)) return
      const depth = way === null ? 1 : way.depth + 1
      rest.push(depth > DEEPEST ? { value: child, way, isDeeper: true } : { value: child, way: { segment, above: way, depth }, isDeeper })
    }
    if (typeof inner === 'string') {
      if (inner !== '' && !inner.startsWith('data:')) found.push(plainText(segmentsOf(segments, way), inner, direction))
    } else if (Array.isArray(inner)) for (let i = inner.length - 1; i >= 0; i--) into(inner[i], i)
    else {
      const object = asObject(inner)
      if (!object) continue
      if (mayBeEncoded) {
        const before = found.length
        readEncoded(object, segmentsOf(segments, way), direction, found)
        if (isDeeper && found.length > before) throw new Error('A document lies deeper in the request than it can be looked through.')
      }
      if (object.type === 'base64' || object.type === 'image') continue
      for (const name of Object.keys(object).reverse()) into(object[name], name)
    }
  }
}

function segmentsOf(before: readonly Segment[], way: Way | null): Segment[] {
  const segments: Segment[] = []
  for (let at = way; at; at = at.above) segments.push(at.segment)
  return [...before, ...segments.reverse()]
}

function plainText(segments: readonly Segment[], text: string, direction: Direction): IncomingText {
  return { segments, place: printPath({ segments, hidden: NOTHING_HIDDEN }), text, direction, isEncoded: false, prefix: '' }
}

/** Documents that are text, sent as base64: Anthropic's sources, OpenAI's files, data URLs. */
function readEncoded(object: JsonObject, segments: readonly Segment[], direction: Direction, found: IncomingText[]): void {
  if (object.type === 'base64' && typeof object.data === 'string' && TEXT_TYPE.test(String(object.media_type))) {
    found.push(decoded([...segments, 'data'], object.data, '', direction))
  }
  for (const name of ['file_data', 'file_url', 'url']) {
    const url = object[name]
    const prefix = typeof url === 'string' ? TEXT_URL.exec(url.slice(0, 300)) : null
    if (prefix && TEXT_TYPE.test(prefix[1]!)) found.push(decoded([...segments, name], url as string, prefix[0], direction))
  }
}

function decoded(segments: readonly Segment[], value: string, prefix: string, direction: Direction): IncomingText {
  const text = Buffer.from(value.slice(prefix.length), 'base64').toString('utf8')
  return { ...plainText(segments, text, direction), isEncoded: true, prefix }
}
