import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { createTestRoom } from '../room/testRoom.ts'
import { followTerminal } from './terminalFeed.ts'

const ID = 'lg-7a3f9c2d'

function setUp() {
  const room = createTestRoom()
  const shown: string[] = []
  const waiting: (() => void)[] = []
  const feed = followTerminal(room.connection, ID, {
    write: (text, done) => {
      shown.push(text)
      waiting.push(done)
    },
    beginAfterGap: () => shown.push('<gap>'),
    say: (sentence) => shown.push(`<${sentence}>`),
    size: (columns, rows) => shown.push(`<${columns}x${rows}>`),
  })
  const stream = () => room.streams('terminal.output')[0]
  return { room, shown, waiting, feed, stream }
}

describe('the feed of a terminal', () => {
  it('follows from the beginning and shows what comes', () => {
    const { shown, stream } = setUp()
    expect(stream()?.input).toEqual({ agentId: ID, from: 0 })
    stream()?.push({ kind: 'size', columns: 80, rows: 24 })
    stream()?.push({ kind: 'data', offset: 0, data: 'hello' })
    expect(shown).toEqual(['<80x24>', 'hello'])
  })

  it('says once why there is nothing to follow, and nothing of a connection that was lost or a terminal that was closed', () => {
    const { room, shown, stream } = setUp()
    const elsewhere = new AppError('CONFLICT', 'It belongs to another control room.')
    stream()?.end(elsewhere)
    for (const state of [{ kind: 'reconnecting', attempt: 1, retryAt: 0 }, { kind: 'open' }] as const) room.enter(state)
    stream()?.end(elsewhere)
    expect(shown).toEqual(['<It belongs to another control room.>'])
    for (const state of [{ kind: 'reconnecting', attempt: 1, retryAt: 0 }, { kind: 'open' }, { kind: 'reconnecting', attempt: 1, retryAt: 0 }, { kind: 'open' }] as const) room.enter(state)
    stream()?.end()
    expect(shown).toHaveLength(1)
  })

  it('acknowledges only what the screen has dealt with', () => {
    const { waiting, stream } = setUp()
    stream()?.push({ kind: 'data', offset: 0, data: 'hello' })
    expect(stream()?.acknowledged).toEqual([])
    waiting[0]?.()
    expect(stream()?.acknowledged).toEqual([5])
  })

  it('gathers acknowledgements while more is waiting, and holds nothing back at the end', () => {
    const { waiting, stream } = setUp()
    const large = 'x'.repeat(16_000)
    stream()?.push({ kind: 'data', offset: 0, data: 'small' })
    stream()?.push({ kind: 'data', offset: 5, data: large })
    stream()?.push({ kind: 'data', offset: 16_005, data: 'end' })
    waiting[0]?.()
    expect(stream()?.acknowledged).toEqual([])
    waiting[1]?.()
    expect(stream()?.acknowledged).toEqual([16_005])
    waiting[2]?.()
    expect(stream()?.acknowledged).toEqual([16_005, 3])
  })

  it('begins on an empty screen after a gap', () => {
    const { room, shown, stream } = setUp()
    stream()?.push({ kind: 'gap', offset: 9_000 })
    stream()?.push({ kind: 'data', offset: 9_000, data: 'late' })
    expect(shown).toEqual(['<gap>', 'late'])
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.enter({ kind: 'open' })
    expect(stream()?.input).toEqual({ agentId: ID, from: 9_004 })
  })

  it('goes on where it was when the connection is back', () => {
    const { room, waiting, stream } = setUp()
    stream()?.push({ kind: 'data', offset: 0, data: 'hello' })
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.enter({ kind: 'open' })
    expect(room.streams('terminal.output')).toHaveLength(1)
    expect(stream()?.input).toEqual({ agentId: ID, from: 5 })
    // What is finished late belongs to a stream that is gone.
    waiting[0]?.()
    expect(stream()?.acknowledged).toEqual([])
  })

  it('counts from zero again with a room that has started anew, and clears nothing', () => {
    const { shown, feed, stream } = setUp()
    stream()?.push({ kind: 'data', offset: 0, data: 'hello' })
    feed.beginAnew()
    expect(stream()?.input).toEqual({ agentId: ID, from: 0 })
    expect(shown).toEqual(['hello'])
  })

  it('ends its stream when it closes', () => {
    const { room, feed } = setUp()
    feed.close()
    expect(room.streams('terminal.output')).toEqual([])
    room.enter({ kind: 'open' })
    expect(room.streams('terminal.output')).toEqual([])
  })
})
