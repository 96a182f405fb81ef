import { createDecoder } from './decoding.ts'
import type { Meter } from './dialects/dialect.ts'
import { headerOf, type HeaderList } from './headers.ts'
import { LARGE_BYTES, readSmallMembers } from './largeJson.ts'
import { createSseSplitter, readEvent, type SseEvent } from './sseSplitter.ts'
import { withoutNullUsage } from './usageAsk.ts'

/** Reads an answer as it comes: for the meter as the provider wrote it, and for whoever passes it on. */
export interface AnswerReader {
  readonly isStream: boolean
  readonly isCoded: boolean
  /** Nobody knows how it was compressed, or it is longer than any answer: it cannot be read. */
  readonly isUnreadable: boolean
  take(chunk: Buffer): void
  /** No more will come: every event has been told by then, or the body is all there. False where it could not be decoded to its end. */
  drain(): boolean | Promise<boolean>
  /** Of an answer that is no stream. */
  body(): Buffer
  /** After the last slice: the meter has read whatever came. `isWhole` is false where the answer broke off. */
  finish(isWhole: boolean): void | Promise<void>
  /** Of a compressed answer: what was taken can be more than anybody can write. */
  pause(): void
  resume(): void
  /** What was said and could not be read, so that it counts as output. */
  readonly unread: string
  readonly problem: string | null
}

export interface AnswerReaderOptions {
  readonly headers: HeaderList
  /** Null where the answer costs nothing. */
  readonly meter: Meter | null
  /** Whether usage was asked for by us alone, and is kept from the agent. */
  readonly hidesUsage: boolean
  /** Events of a stream that are for the agent. */
  readonly onEvent: (event: SseEvent) => void
  /** A slice was read, its events told. */
  readonly onTaken: () => void
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** A copy of an answer for reading; no answer is as long. */
const LONGEST_COPY = 64 * 1024 * 1024
const MOST_UNREAD = 4 * 1024 * 1024

export function createAnswerReader(options: AnswerReaderOptions): AnswerReader {
  const { headers, meter, hidesUsage, onEvent, onTaken, onDefect } = options
  const isStream = headerOf(headers, 'content-type')?.toLowerCase().startsWith('text/event-stream') ?? false
  const coding = headerOf(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity'
  const isCoded = coding !== 'identity' && coding !== ''
  let copy: Buffer[] = []
  let copied = 0
  let unread = ''
  let problem: string | null = null

  function readOne(event: SseEvent): void {
    if (event.data === '' || event.data === '[DONE]') return onEvent(event)
    let isOursAlone = false
    try {
      isOursAlone = meter?.event(event.data).isOursAlone ?? false
    } catch (defect) {
      onDefect(defect, 'reading an event')
    }
    if (event.name === 'error' || event.data.startsWith('{"error"')) problem = 'The provider broke its answer off with an error.'
    if (!hidesUsage) return onEvent(event)
    if (isOursAlone) return
    const bytes = withoutNullUsage(event.bytes)
    onEvent(bytes === event.bytes ? event : readEvent(bytes))
  }

  const splitter = isStream ? createSseSplitter(readOne) : null

  function takeDecoded(chunk: Buffer): void {
    if (splitter) splitter.push(chunk)
    else if (copied <= LONGEST_COPY) {
      copy.push(chunk)
      copied += chunk.length
    }
    onTaken()
  }

  const decoder = isCoded ? createDecoder(coding, takeDecoded) : null

  function readWhole(bytes: Buffer): void | Promise<void> {
    const giveUp = (): void => {
      unread = bytes.toString('utf8', 0, MOST_UNREAD)
      problem = 'The answer is no JSON.'
    }
    if (bytes.length <= LARGE_BYTES) {
      try {
        meter?.body(JSON.parse(bytes.toString('utf8')))
      } catch {
        giveUp()
      }
      return
    }
    return readSmallMembers(bytes).then((small) => {
      meter?.body(small)
      // The text lies in what was too large to be read: it counts as it stands.
      if (meter?.metered().usage === null) unread = bytes.toString('utf8', 0, MOST_UNREAD)
    }, giveUp)
  }

  function body(): Buffer {
    if (copy.length !== 1) copy = [Buffer.concat(copy)]
    return copy[0]!
  }

  function readCopy(isWhole: boolean): void | Promise<void> {
    if (splitter) return splitter.end()
    if (!meter) return
    const bytes = body()
    if (bytes.length === 0) return
    if (isWhole && copied <= LONGEST_COPY) return readWhole(bytes)
    unread = bytes.toString('utf8', 0, MOST_UNREAD)
  }

  return {
    isStream,
    isCoded,
    get isUnreadable() {
      return (isCoded && !decoder) || copied > LONGEST_COPY
    },
    get unread() {
      return unread
    },
    get problem() {
      return problem
    },
    take(chunk) {
      if (isCoded) decoder?.write(chunk)
      else takeDecoded(chunk)
    },
    drain() {
      if (decoder) return decoder.end().then((isWhole) => (splitter?.end(), isWhole))
      splitter?.end()
      return !isCoded
    },
    body,
    finish(isWhole) {
      if (!decoder) return readCopy(isWhole)
      decoder.resume()
      return decoder.end().then((isDecoded) => readCopy(isWhole && isDecoded))
    },
    pause: () => decoder?.pause(),
    resume: () => decoder?.resume(),
  }
}
