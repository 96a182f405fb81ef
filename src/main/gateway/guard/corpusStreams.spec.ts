import { describe, expect, it } from 'vitest'
import { PRIVATE_TYPES } from '../../../shared/domain/privateTypes.ts'
import { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createTestClock } from '../../access/testClock.ts'
import { readCorpus } from '../../safety/corpus/readCorpus.ts'
import type { SafetyDesk } from '../../safety/desk/safetyDesk.ts'
import { createScanner } from '../../safety/scan/createScanner.ts'
import { createSseSplitter } from '../sseSplitter.ts'
import { createAnswerGuard } from './answerGuard.ts'
import { ALLOWED, ARGUMENTS, readEvents, TEXTS, written, type TestDialect } from './testStreams.ts'

/** Every text of the corpus with something private in it, cut at every place, through every kind of stream. */

const scanner = createScanner({ types: new Set(PrivateType.options) })
const clock = createTestClock()
const desk: SafetyDesk = {
  scannerFor: () => scanner,
  judge: ({ matches }) => ({ edits: matches.map(({ type, start, end }) => ({ start, end, replacement: PRIVATE_TYPES[type].marker })), blocked: null }),
  report: () => null,
  permissionsOf: () => ALLOWED,
}
const positives = readCorpus().filter(({ expected }) => expected.length > 0)

/** What a client gets of these pieces; the bytes come in slices of this length. */
function received(dialect: TestDialect, pieces: readonly string[], sliceBytes = Infinity): string {
  const call = { agentId: 'lg-7a3f9c2d', callId: 'call-7a3f9c2d01b2c3d4', workingDirectory: '/invented' } as const
  const guard = createAnswerGuard({ desk, clock, ...call, provider: dialect.provider, endpoint: 'chat/completions' })
  const sent: Buffer[] = []
  const stream = guard.stream({ after: clock.after, send: (bytes) => void sent.push(bytes), onPause: () => undefined })
  const splitter = createSseSplitter((event) => stream.event(event))
  const bytes = Buffer.concat(written(dialect.events(pieces)))
  for (let at = 0; at < bytes.length; at += sliceBytes) splitter.push(bytes.subarray(at, Math.min(bytes.length, at + sliceBytes)))
  splitter.end()
  stream.end()
  expect(guard.stop).toBeNull()
  return dialect.read(readEvents(Buffer.concat(sent).toString()))
}

const cuts = (text: string): string[][] => Array.from({ length: text.length - 1 }, (_, index) => [text.slice(0, index + 1), text.slice(index + 1)])

function redacted(text: string): string {
  let result = ''
  let at = 0
  for (const { type, start, end } of scanner.scan(text)) {
    result += text.slice(at, start) + PRIVATE_TYPES[type].marker
    at = end
  }
  return result + text.slice(at)
}

describe.each(Object.entries(TEXTS))('Text of %s', (_name, dialect) => {
  it('leaks nothing of the corpus, wherever it is cut', () => {
    let places = 0
    for (const { text } of positives) {
      const expected = redacted(text)
      for (const pieces of cuts(text)) {
        if (received(dialect, pieces) !== expected) expect([pieces, received(dialect, pieces)]).toEqual([pieces, expected])
        places++
      }
    }
    expect(places).toBeGreaterThan(10_000)
  }, 60_000)

  it('leaks nothing of it letter by letter, in single bytes', () => {
    for (const { text } of positives) expect(received(dialect, [...text], 1)).toBe(redacted(text))
  }, 60_000)
})

describe.each(Object.entries(ARGUMENTS))('Arguments of %s', (_name, dialect) => {
  it('leak nothing of the corpus, wherever they are cut, and stay JSON', () => {
    let places = 0
    for (const { text, expected } of positives) {
      const json = JSON.stringify({ note: text, count: 4155550132 })
      const whole = received(dialect, [json])
      const { note, count } = JSON.parse(whole) as { note: string; count: number }
      expect(count).toBe(4155550132)
      const values = expected.map(({ start, end }) => text.slice(start, end))
      if (scanner.scan(text).length >= expected.length) for (const value of values) expect(note).not.toContain(value)
      for (const pieces of cuts(json)) {
        if (received(dialect, pieces) !== whole) expect([pieces, received(dialect, pieces)]).toEqual([pieces, whole])
        places++
      }
    }
    expect(places).toBeGreaterThan(20_000)
  }, 60_000)
})
