import { isUtf8 } from 'node:buffer'
import { StringDecoder } from 'node:string_decoder'
import type { Millis } from '../../../shared/domain/units.ts'
import { nextTurn } from '../../nextTurn.ts'
import type { Clock } from '../../ports.ts'
import { createJsonStream, type JsonDecided } from '../../safety/json/jsonStream.ts'
import type { Edit } from '../../safety/desk/safetyDesk.ts'
import { readJson } from '../largeJson.ts'
import { createSseSplitter } from '../sseSplitter.ts'
import type { AnswerLook, Stop } from './answerLook.ts'
import { directionOf } from './eventPlan.ts'
import { stringsOf } from './eventStrings.ts'
import { isOpaqueMatch } from './opaque.ts'
import { applyEdits } from './streamEvent.ts'
import { createStreamGuard } from './streamGuard.ts'
import { callsIn, hasToolRules, type ToolGate } from './toolCalls.ts'

/** A body as it may go on, or why it may not. */
export type Checked = { readonly bytes: Buffer; readonly stop: null } | { readonly bytes: null; readonly stop: Stop }

/** Looked through at a time. */
const SLICE_BYTES = 32 * 1024
/** After so long the event loop gets to breathe. */
const BREATHE_AFTER_MS = 5
/** Findings decided on in one go: each of them is hashed, encrypted and written down. */
const BATCH = 50
const LONGEST_LOOK_MS: Millis = 30_000
const EVENTS_BEGIN = /^\ufeff?(?:(?:data|event|id|retry):|:)/
const PLAIN_CHARSETS: Readonly<Record<string, BufferEncoding>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  'us-ascii': 'latin1',
  ascii: 'latin1',
  'iso-8859-1': 'latin1',
  latin1: 'latin1',
  'windows-1252': 'latin1',
}

export interface WholeBody {
  readonly bytes: Buffer
  /** As its header says it; null where there is none. */
  readonly contentType: string | null
}

const unchecked = (why: string): Checked => {
  return { bytes: null, stop: { kind: 'unchecked', message: `The answer ${why}, and so could not be looked through: it was not passed on.` } }
}

/** Looks through a body that is all there. At once where it is small. */
export function checkWhole(look: AnswerLook, gate: ToolGate, clock: Clock, { bytes, contentType }: WholeBody): Checked | Promise<Checked> {
  if (bytes.length === 0) return { bytes, stop: null }
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8'
  const encoding = PLAIN_CHARSETS[charset]
  if (!encoding) return unchecked('came in an unknown character set')
  if (encoding === 'utf8' && !isUtf8(bytes)) return unchecked('was not encoded as it should be')
  // A stream under another name: what its events say belongs together.
  if (EVENTS_BEGIN.test(bytes.toString('latin1', 0, 32).replace('ï»¿', ''))) return checkEvents(look, gate, clock, bytes)

  const stream = createJsonStream(look.scanner())
  const slices: string[] = []
  const edits: Edit[] = []
  /** Pauses where there is much to decide. */
  function* take({ sightings }: JsonDecided): Generator<void, void> {
    let decided = 0
    for (const { path, segments, isKey, text, base, matches, toRaw } of sightings) {
      const seen = isKey ? matches : matches.filter((match) => !isOpaqueMatch(segments, text, match))
      for (let at = 0; at < seen.length; at += BATCH) {
        const batch = seen.slice(at, at + BATCH)
        edits.push(...look.judge(directionOf(segments), path, text, base, batch).map(toRaw))
        decided += batch.length
        if (decided < BATCH) continue
        decided = 0
        yield
      }
    }
  }
  function push(text: string): Generator<void, void> {
    slices.push(text)
    return take(stream.push(text))
  }
  const finish = (): Checked => {
    if (look.stop) return { bytes: null, stop: look.stop }
    if (edits.length === 0) return { bytes, stop: null }
    return { bytes: Buffer.from(rewritten(slices, edits), encoding), stop: null }
  }

  if (bytes.length <= SLICE_BYTES) {
    const deciding = inTurn(push(bytes.toString(encoding)), () => take(stream.end()))
    if (hasToolRules(look)) judgeCalls(gate, parsedOrNull(bytes))
    return deciding.next().done ? finish() : goOn(deciding)
  }
  return checkSlices()

  async function goOn(deciding: Generator<void, void>): Promise<Checked> {
    return (await wentThrough(deciding, createPace(clock))) ? finish() : unchecked(TOOK_TOO_LONG)
  }

  async function checkSlices(): Promise<Checked> {
    const decoder = new StringDecoder(encoding)
    const pace = createPace(clock)
    const isInTime = await inSlices(look, pace, bytes, (slice) => push(decoder.write(slice)))
    if (!isInTime || !(await wentThrough(take(stream.end()), pace))) return unchecked(TOOK_TOO_LONG)
    if (hasToolRules(look)) {
      try {
        judgeCalls(gate, (await readJson(bytes)).json)
      } catch {
        // Nobody can read a call out of what is no JSON.
      }
    }
    return finish()
  }
}

const TOOK_TOO_LONG = `took longer than ${LONGEST_LOOK_MS / 1_000} s to look through`
const NO_TIMER = { cancel: () => undefined }

async function checkEvents(look: AnswerLook, gate: ToolGate, clock: Clock, bytes: Buffer): Promise<Checked> {
  const sent: Buffer[] = []
  const guard = createStreamGuard({ look, gate, after: () => NO_TIMER, send: (part) => void sent.push(part), onPause: () => undefined })
  const splitter = createSseSplitter((event) => guard.event(event))
  if (!(await inSlices(look, createPace(clock), bytes, (slice) => splitter.push(slice)))) return unchecked(TOOK_TOO_LONG)
  splitter.end()
  guard.end()
  guard.drop()
  return look.stop ? { bytes: null, stop: look.stop } : { bytes: Buffer.concat(sent), stop: null }
}

/** Lets others have their turn where it is time for that; false where there is no more time at all. */
type Pace = () => Promise<boolean> | true

function createPace(clock: Clock): Pace {
  const began = clock.now()
  let breathed = performance.now()
  const breathe = async (): Promise<boolean> => {
    await nextTurn()
    breathed = performance.now()
    return clock.now() - began <= LONGEST_LOOK_MS
  }
  return () => performance.now() - breathed < BREATHE_AFTER_MS || breathe()
}

async function inSlices(look: AnswerLook, pace: Pace, bytes: Buffer, take: (slice: Buffer) => Generator<void, void> | void): Promise<boolean> {
  for (let at = 0; at < bytes.length && !look.stop; at += SLICE_BYTES) {
    const deciding = take(bytes.subarray(at, at + SLICE_BYTES))
    if (deciding && !(await wentThrough(deciding, pace))) return false
    if (!(await pace())) return false
  }
  return true
}

async function wentThrough(deciding: Generator<void, void>, pace: Pace): Promise<boolean> {
  while (!deciding.next().done) if (!(await pace())) return false
  return true
}

function* inTurn(first: Generator<void, void>, then: () => Generator<void, void>): Generator<void, void> {
  yield* first
  yield* then()
}

function judgeCalls(gate: ToolGate, json: unknown): void {
  for (const { name, args, place } of callsIn(json)) {
    gate.name(name, place)
    gate.args(args, place)
  }
}

function parsedOrNull(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}

function rewritten(slices: readonly string[], edits: readonly Edit[]): string {
  const text = slices.length === 1 ? slices[0]! : slices.join('')
  const all = [...edits]
  // They would tell, token by token, what was taken out.
  if (text.includes('"logprobs"')) {
    for (const { start, end, isList } of stringsOf(text).logprobs) all.push({ start, end, replacement: isList ? '[]' : 'null' })
  }
  return applyEdits(text, all)
}
