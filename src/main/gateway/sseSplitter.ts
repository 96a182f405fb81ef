/** One event of a stream, with every byte of it. */
export interface SseEvent {
  readonly bytes: Buffer
  /** Empty where it has none. */
  readonly name: string
  /** Its `data` lines, joined; empty where it has none. */
  readonly data: string
}

export interface SseSplitter {
  push(chunk: Buffer): void
  /** No more will come: what is left is an event as well, for there are clients that read it. */
  end(): void
  /** What came after the last whole event. */
  rest(): Buffer
}

const LF = 0x0a
const CR = 0x0d
const NOTHING = Buffer.alloc(0)
/** Nobody sends an event this long; what looks like one is handed on unread. */
const LONGEST_EVENT = 16 * 1024 * 1024

/** Cuts a byte stream into server-sent events, wherever its slices were cut. */
export function createSseSplitter(onEvent: (event: SseEvent) => void): SseSplitter {
  let held: Buffer[] = []
  let heldBytes = 0
  let isLineEmpty = true
  let wasReturn = false

  function complete(slice: Buffer): void {
    const bytes = held.length === 0 ? slice : Buffer.concat([...held, slice])
    held = []
    heldBytes = 0
    onEvent(readEvent(bytes))
  }

  return {
    push(chunk) {
      let start = 0
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i]!
        if (byte === LF && wasReturn) {
          // The second half of one line's end. Where the first half has gone with its event already, this one follows it.
          wasReturn = false
          if (i === start && heldBytes === 0) {
            onEvent({ bytes: chunk.subarray(i, i + 1), name: '', data: '' })
            start = i + 1
          }
          continue
        }
        wasReturn = byte === CR
        if (byte !== LF && byte !== CR) {
          isLineEmpty = false
          continue
        }
        if (!isLineEmpty) {
          isLineEmpty = true
          continue
        }
        const end = byte === CR && chunk[i + 1] === LF ? i + 2 : i + 1
        complete(chunk.subarray(start, end))
        start = end
      }
      if (start >= chunk.length) return
      held.push(chunk.subarray(start))
      heldBytes += chunk.length - start
      if (heldBytes > LONGEST_EVENT) {
        const bytes = Buffer.concat(held)
        held = []
        heldBytes = 0
        onEvent({ bytes, name: '', data: '' })
      }
    },
    end() {
      if (heldBytes > 0) complete(NOTHING)
    },
    rest: () => Buffer.concat(held),
  }
}

export function readEvent(bytes: Buffer): SseEvent {
  const text = bytes.toString('utf8')
  let name = ''
  let data: string | null = null
  const afterMark = text.charCodeAt(0) === 0xfeff ? 1 : 0
  for (let start = afterMark; start < text.length; ) {
    let end = start
    while (end < text.length && text.charCodeAt(end) !== LF && text.charCodeAt(end) !== CR) end++
    if (text.startsWith('data:', start)) {
      const value = valueOf(text, start + 5, end)
      data = data === null ? value : `${data}\n${value}`
    } else if (text.startsWith('event:', start)) name = valueOf(text, start + 6, end)
    start = end + 1
  }
  return { bytes, name, data: data ?? '' }
}

function valueOf(text: string, start: number, end: number): string {
  return text.slice(text.charCodeAt(start) === 0x20 && start < end ? start + 1 : start, end)
}
