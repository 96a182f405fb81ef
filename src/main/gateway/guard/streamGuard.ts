import { isUtf8 } from 'node:buffer'
import type { Clock, Timer } from '../../ports.ts'
import type { Edit } from '../../safety/desk/safetyDesk.ts'
import type { SseEvent } from '../sseSplitter.ts'
import type { AnswerLook } from './answerLook.ts'
import { createChannel, type Channel, type ChannelKind } from './channel.ts'
import { directionOf, NEVER, type EventPlan } from './eventPlan.ts'
import { looseLiteral, plainLiteral, stringsOf, type JsonLiteral, type NamedValue } from './eventStrings.ts'
import { stringIn, templateOf, type EventTemplate } from './eventTemplate.ts'
import { isOpaque } from './opaque.ts'
import { planEvent } from './planEvent.ts'
import { applyEdits, editedBytes, eventTextOf, isPlain, linesOf } from './streamEvent.ts'
import { callsIn, hasArgumentRules, type ToolGate } from './toolCalls.ts'

/** Holds the events of a stream until it is decided what is private in them, and not longer. */
export interface StreamGuard {
  event(event: SseEvent): void
  /** No more will come: everything is decided and goes on. */
  end(): void
  /** What is held goes nowhere. */
  drop(): void
}

export interface StreamGuardOptions {
  readonly look: AnswerLook
  readonly gate: ToolGate
  readonly after: Clock['after']
  readonly send: (bytes: Buffer) => void
  /** Called after a pause, when something was sent that no event has caused. */
  readonly onPause: () => void
}

/** A stream that stands still for so long shows what it can. */
export const PAUSE_MS = 50
/** Behind one undecided word. */
const MOST_HELD_BYTES = 16 * 1024 * 1024
/** A choice that goes on in another of its texts has, after so many events, left the first. */
const SILENT_EVENTS = 8
const NO_EDITS: readonly Edit[] = []
const NO_VALUES: readonly NamedValue[] = []

interface Piece {
  readonly channel: Channel
  readonly from: number
  readonly to: number
  readonly literal: JsonLiteral
}

interface Held {
  readonly event: SseEvent
  readonly pieces: readonly Piece[]
  /** Of strings that stand whole, in the data's own count. */
  readonly edits: readonly Edit[]
  readonly logprobs: readonly NamedValue[]
  readonly isRepeatable: boolean
  /** Where in its one text the rest begins, once a part has gone ahead. */
  sentTo: number
}

export function createStreamGuard({ look, gate, after, send, onPause }: StreamGuardOptions): StreamGuard {
  const channels = new Map<string, Channel>()
  /** Those of them that have said something since their end. */
  const begun = new Set<Channel>()
  /** Channels whose events wait for their end, for what they hold must be judged as a whole. */
  const awaited = new Set<Channel>()
  let queue: Held[] = []
  let heldBytes = 0
  let timer: Timer | null = null
  let template: EventTemplate | null = null

  function channelFor(kind: ChannelKind): Channel {
    const known = channels.get(kind.key)
    if (known) return known
    const channel = createChannel(look, kind)
    channels.set(kind.key, channel)
    if (isName(kind) || (isArguments(channel) && hasArgumentRules(look))) awaited.add(channel)
    return channel
  }

  function endChannel(channel: Channel): void {
    begun.delete(channel)
    if (!channel.end()) return
    if (channel.isRepeated && channel.text !== null) look.remember(channel.direction, channel.text, channel.edits)
    if (!awaited.delete(channel)) return
    if (channel.text === null) look.halt({ kind: 'unchecked', message: 'What a tool is called with was too long to be looked through.' })
    else if (isName(channel)) gate.name(channel.text, channel.place)
    else gate.args(channel.text, channel.place)
  }

  function endThose(hasEnded: (channel: Channel) => boolean): void {
    if (hasEnded === NEVER) return
    for (const channel of begun) if (hasEnded(channel)) endChannel(channel)
  }

  /** A text that others of its choice have overtaken: what it says after that is looked at together with its end. */
  function ageChannels({ groups }: EventPlan, spoken: ReadonlySet<Channel>): void {
    if (groups.length === 0) return
    for (const channel of channels.values()) {
      if (spoken.has(channel) || spoken.size === 0 || !groups.includes(channel.group) || channel.direction === 'tools') continue
      if (++channel.silentFor === SILENT_EVENTS) channel.end()
    }
  }

  function read(event: SseEvent): Held {
    const bare = { event, pieces: [], edits: [], logprobs: [], isRepeatable: false, sentTo: 0 }
    const { data } = event
    if (data === '') return bare
    if (data === '[DONE]') {
      endThose(() => true)
      return bare
    }
    const string = template && stringIn(template, data, look.scanner())
    if (template && string !== null) return readAlike(event, template, string)
    let json: unknown
    try {
      json = JSON.parse(data)
    } catch {
      const kind = { key: 'data', group: 'data', segments: [], isJson: false, isRepeated: false }
      const piece = say(channelFor(kind), looseLiteral(data))
      return { ...bare, pieces: [piece] }
    }
    const plan = planEvent(json)
    const scanner = look.scanner()
    endThose(plan.hasEnded)
    const pieces: Piece[] = []
    const edits: Edit[] = []
    const spoken = new Set<Channel>()
    const { literals, logprobs } = stringsOf(data)
    for (const literal of literals) {
      if (literal.text === '') continue
      const kind = literal.isKey ? null : plan.channelOf(literal.segments)
      const channel = kind && channelFor(kind)
      // A name that stands twice in an object: nobody knows which one is read.
      if (channel && !spoken.has(channel)) {
        spoken.add(channel)
        channel.silentFor = 0
        pieces.push(say(channel, literal))
      } else if (!isOpaque(scanner, literal)) {
        edits.push(...look.whole(directionOf(literal.segments), literal.segments, literal.text).map(literal.toRaw))
      }
    }
    ageChannels(plan, spoken)
    const calls = callsIn(json)
    for (const { name, args, place } of calls) {
      gate.name(name, place)
      gate.args(args, place)
    }
    endThose(plan.endsWith)
    const [piece] = pieces
    if (piece && pieces.length === 1 && edits.length === 0 && logprobs.length === 0 && calls.length === 0 && endsNothing(plan)) {
      template = templateOf(data, piece.literal, piece.channel, plan, scanner)
    }
    return { event, pieces, edits, logprobs, isRepeatable: plan.isRepeatable && pieces.length === 1 && edits.length === 0, sentTo: 0 }
  }

  function readAlike(event: SseEvent, { before, kind, literal, plan }: EventTemplate, text: string): Held {
    const channel = channelFor(kind)
    channel.silentFor = 0
    const piece = say(channel, plainLiteral(literal.segments, before.length, text))
    if (channels.size > 1) ageChannels(plan, new Set([channel]))
    return { event, pieces: [piece], edits: NO_EDITS, logprobs: NO_VALUES, isRepeatable: plan.isRepeatable, sentTo: 0 }
  }

  function say(channel: Channel, literal: JsonLiteral): Piece {
    const from = channel.length
    begun.add(channel)
    channel.push(literal.text)
    return { channel, from, to: channel.length, literal }
  }

  function isDecided({ pieces }: Held): boolean {
    return pieces.every(({ channel, to }) => channel.settled >= to && !awaited.has(channel))
  }

  function bytesOf(held: Held, upTo = Number.POSITIVE_INFINITY): Buffer {
    const edits = [...held.edits]
    for (const piece of held.pieces) edits.push(...editsOf(piece, held.sentTo, upTo))
    if (edits.length === 0) return held.event.bytes
    const isCopy = upTo !== Number.POSITIVE_INFINITY
    const isSplitOnly = edits.every(({ replacement }) => replacement === '') && held.sentTo > 0
    // They would tell what was taken out; the last part of an event that was only split keeps them.
    if (isCopy || !isSplitOnly) for (const { start, end, isList } of held.logprobs) edits.push({ start, end, replacement: isList ? '[]' : 'null' })
    return editedBytes(eventTextOf(held.event), edits)
  }

  function release(): void {
    if (look.stop) return
    let count = 0
    for (; count < queue.length; count++) {
      const held = queue[count]!
      if (!isDecided(held)) break
      heldBytes -= held.event.bytes.length
      send(bytesOf(held))
      for (const { channel, to } of held.pieces) channel.forgetBefore(to)
    }
    if (count > 0) queue = queue.slice(count)
  }

  function sendAhead(): void {
    timer = null
    const [held] = queue
    const [piece] = held?.pieces ?? []
    if (!held || !piece || !held.isRepeatable || awaited.has(piece.channel) || look.stop) return
    const decided = wholeCharacters(piece, Math.min(piece.channel.settled, piece.to))
    if (decided <= Math.max(piece.from, held.sentTo)) return
    send(bytesOf(held, decided))
    held.sentTo = decided
    onPause()
  }

  function watchForPause(): void {
    timer?.cancel()
    timer = queue.length > 0 && !look.stop ? after(PAUSE_MS, sendAhead) : null
  }

  /** Comments, ids and names of events: whatever else stands in its lines. */
  function cleanLines(event: SseEvent): SseEvent {
    if (isPlain(event) && look.whole('from-model', ['event'], event.name).length === 0) return event
    const text = event.bytes.toString('utf8')
    const edits: Edit[] = []
    for (const { start, end } of linesOf(text)) {
      if (text.startsWith('data:', start) || end === start) continue
      const found = look.whole('from-model', ['event'], text.slice(start, end))
      for (const edit of found) edits.push({ start: start + edit.start, end: start + edit.end, replacement: edit.replacement })
    }
    return edits.length === 0 ? event : { ...event, bytes: Buffer.from(applyEdits(text, edits)) }
  }

  return {
    event(event) {
      if (look.stop) return
      if (event.bytes.length > MOST_HELD_BYTES || !isUtf8(event.bytes)) {
        const why = event.bytes.length > MOST_HELD_BYTES ? 'longer than 16 MiB' : 'not encoded as it should be'
        return look.halt({ kind: 'unchecked', message: `An event of the answer was ${why}, and so could not be looked through.` })
      }
      const held = read(cleanLines(event))
      queue.push(held)
      heldBytes += event.bytes.length
      release()
      if (heldBytes > MOST_HELD_BYTES) {
        look.halt({ kind: 'unchecked', message: 'More of the answer had to be held back than there is room for.' })
      }
      watchForPause()
    },
    end() {
      if (look.stop) return
      endThose(() => true)
      release()
      watchForPause()
    },
    drop() {
      timer?.cancel()
      queue = []
    },
  }
}

function endsNothing({ hasEnded, endsWith }: EventPlan): boolean {
  return hasEnded === NEVER && endsWith === NEVER
}

function isName({ key }: ChannelKind): boolean {
  return key.endsWith('function/name') || key.endsWith('custom/name') || key.endsWith('function_call/name')
}

function isArguments({ direction, isJson }: Channel): boolean {
  return direction === 'tools' && isJson
}

/** What is done to a piece, in the data's own count; what was sent ahead, and what comes after `upTo`, falls away. */
function editsOf({ channel, from, to, literal }: Piece, sentTo: number, upTo: number): Edit[] {
  const first = Math.max(from, sentTo)
  const last = Math.min(to, upTo)
  const edits: Edit[] = []
  const add = (start: number, end: number, replacement: string): void => {
    if (end > start) edits.push(literal.toRaw({ start: start - from, end: end - from, replacement }))
  }
  add(from, first, '')
  for (const { start, end, replacement } of channel.edits) {
    if (end <= first || start >= last) continue
    add(Math.max(start, first), Math.min(end, last), start >= first ? replacement : '')
  }
  add(last, to, '')
  return edits
}

/** Not within a pair of surrogates. */
function wholeCharacters({ from, literal }: Piece, place: number): number {
  const code = literal.text.charCodeAt(place - from - 1)
  return code >= 0xd800 && code <= 0xdbff ? place - 1 : place
}
