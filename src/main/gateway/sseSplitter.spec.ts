import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSseSplitter, type SseEvent } from './sseSplitter.ts'

function split(slices: readonly Buffer[]): { events: SseEvent[]; rest: Buffer } {
  const events: SseEvent[] = []
  const splitter = createSseSplitter((event) => void events.push(event))
  for (const slice of slices) splitter.push(slice)
  return { events, rest: splitter.rest() }
}

/** Less what is only the rest of a line's end. */
const told = (events: readonly SseEvent[]): [string, string][] =>
  events.filter(({ bytes }) => bytes.toString() !== '\n').map(({ name, data }) => [name, data])

describe('a stream of events', () => {
  it.each<[string, [string, string][]]>([
    ['data: a\n\ndata: b\n\n', [['', 'a'], ['', 'b']]],
    ['event: ping\ndata: {}\n\n', [['ping', '{}']]],
    ['data:a\r\n\r\ndata:  b\r\n\r\n', [['', 'a'], ['', ' b']]],
    ['data: a\r\rdata: b\r\r', [['', 'a'], ['', 'b']]],
    ['data: a\ndata: b\nid: 7\n\n', [['', 'a\nb']]],
    [': a comment\n\n', [['', '']]],
    ['\ufeffdata: a\n\n', [['', 'a']]],
    ['data: ü€😀\n\n', [['', 'ü€😀']]],
    ['data\n\ndata: x\n\n', [['', ''], ['', 'x']]],
  ])('%j', (text, expected) => {
    const bytes = Buffer.from(text)
    expect(told(split([bytes]).events)).toEqual(expected)
    for (let at = 0; at <= bytes.length; at++) {
      const { events, rest } = split([bytes.subarray(0, at), bytes.subarray(at)])
      expect(told(events)).toEqual(expected)
      expect(Buffer.concat([...events.map((event) => event.bytes), rest])).toEqual(bytes)
    }
  })

  it('loses not a byte, wherever it is cut, and finds the same events', () => {
    const piece = fc.constantFrom('data: x', 'data:', 'event: e', ':', 'é', '\n', '\r', '\r\n', '\n\n', '\r\n\r\n')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(200), { maxLength: 10 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''))
        const at = [...cuts, 0, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b)
        const slices = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        const { events, rest } = split(slices)
        expect(Buffer.concat([...events.map((event) => event.bytes), rest])).toEqual(bytes)
        expect(told(events)).toEqual(told(split([bytes]).events))
      }),
    )
  })

  it('holds what is not at its end yet', () => {
    const { events, rest } = split([Buffer.from('data: a\n\ndata: b\n')])
    expect([told(events), rest.toString()]).toEqual([[['', 'a']], 'data: b\n'])
  })

  it('takes what is left at the end for an event: there are clients that read it', () => {
    const events: SseEvent[] = []
    const splitter = createSseSplitter((event) => void events.push(event))
    splitter.push(Buffer.from('data: a\n\ndata: b'))
    splitter.end()
    splitter.end()
    expect([told(events), splitter.rest().length]).toEqual([[['', 'a'], ['', 'b']], 0])
  })

  it('passes on what never ends', () => {
    const endless = Array.from({ length: 17 }, () => Buffer.alloc(1024 * 1024, 'x'))
    const { events, rest } = split(endless)
    expect([events.length, events[0]!.data, events[0]!.bytes.length + rest.length]).toEqual([1, '', 17 * 1024 * 1024])
  })
})
