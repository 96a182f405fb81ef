import type { Meter } from './dialects/dialect.ts'
import { createDecoder } from './decoding.ts'
import { headerOf, type HeaderList } from './headers.ts'
import { LARGE_BYTES, readSmallMembers } from './largeJson.ts'
import { createSseSplitter, type SseEvent } from './sseSplitter.ts'
import { withoutNullUsage } from './usageAsk.ts'

/** Reads an answer on its way to the agent. */
export interface AnswerReader {
  readonly isStream: boolean
  /** Whether what we asked for ourselves is kept from the agent. */
  readonly isFiltered: boolean
  /** What goes on to the agent of this slice. */
  pass(chunk: Buffer): Buffer
  /** What was held back of a filtered stream that ends within an event. */
  rest(): Buffer
  /** After the last slice: whatever came is read by then. `isWhole` is false where the answer broke off. */
  finish(isWhole: boolean): void | Promise<void>
  /** What was said and could not be read, so that it counts as output. */
  readonly unread: string
  readonly problem: string | null
}

export interface AnswerReaderOptions {
  readonly headers: HeaderList
  readonly meter: Meter
  /** Whether usage was asked for by us alone. */
  readonly hidesUsage: boolean
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const NOTHING = Buffer.alloc(0)
/** A copy of an answer for reading; no answer is as long. */
const LONGEST_COPY = 64 * 1024 * 1024
const MOST_UNREAD = 4 * 1024 * 1024

export function createAnswerReader({ headers, meter, hidesUsage, onDefect }: AnswerReaderOptions): AnswerReader {
  const isStream = headerOf(headers, 'content-type')?.toLowerCase().startsWith('text/event-stream') ?? false
  const coding = headerOf(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity'
  const isCoded = coding !== 'identity' && coding !== ''
  // Compressed bytes go on as they are; nothing can be taken out of them.
  const isFiltered = hidesUsage && isStream && !isCoded
  const copy: Buffer[] = []
  let copied = 0
  let passing: Buffer[] = []
  let unread = ''
  let problem: string | null = null

  function onEvent(event: SseEvent): void {
    if (event.data === '' || event.data === '[DONE]') {
      if (isFiltered) passing.push(event.bytes)
      return
    }
    let isOursAlone = false
    try {
      isOursAlone = meter.event(event.data).isOursAlone
    } catch (defect) {
      onDefect(defect, 'reading an event')
    }
    if (event.name === 'error' || event.data.startsWith('{"error"')) problem = 'The provider broke its answer off with an error.'
    if (isFiltered && !isOursAlone) passing.push(withoutNullUsage(event.bytes))
  }

  const splitter = isStream ? createSseSplitter(onEvent) : null

  function take(chunk: Buffer): void {
    if (splitter) splitter.push(chunk)
    else if (copied <= LONGEST_COPY) {
      copy.push(chunk)
      copied += chunk.length
    }
  }

  const decoder = isCoded ? createDecoder(coding, take) : null

  function readWhole(bytes: Buffer): void | Promise<void> {
    const giveUp = (): void => {
      unread = bytes.toString('utf8', 0, MOST_UNREAD)
      problem = 'The answer is no JSON.'
    }
    if (bytes.length <= LARGE_BYTES) {
      try {
        meter.body(JSON.parse(bytes.toString('utf8')))
      } catch {
        giveUp()
      }
      return
    }
    return readSmallMembers(bytes).then((small) => {
      meter.body(small)
      // The text lies in what was too large to be read: it counts as it stands.
      if (meter.metered().usage === null) unread = bytes.toString('utf8', 0, MOST_UNREAD)
    }, giveUp)
  }

  function readCopy(isWhole: boolean): void | Promise<void> {
    if (splitter) return splitter.end()
    const bytes = copy.length === 1 ? copy[0]! : Buffer.concat(copy)
    if (bytes.length === 0) return
    if (isWhole && copied <= LONGEST_COPY) return readWhole(bytes)
    unread = bytes.toString('utf8', 0, MOST_UNREAD)
  }

  function passed(): Buffer {
    const slices = passing
    passing = []
    if (slices.length === 0) return NOTHING
    return slices.length === 1 ? slices[0]! : Buffer.concat(slices)
  }

  return {
    isStream,
    isFiltered,
    get unread() {
      return unread
    },
    get problem() {
      return problem
    },
    pass(chunk) {
      if (isCoded) decoder?.write(chunk)
      else take(chunk)
      return isFiltered ? passed() : chunk
    },
    rest() {
      splitter?.end()
      return passed()
    },
    finish(isWhole) {
      if (!decoder) return readCopy(isWhole)
      return decoder.end().then(() => readCopy(isWhole))
    },
  }
}
