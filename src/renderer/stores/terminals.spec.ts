import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { AppError } from '../../shared/errors.ts'
import { createTestApp, createTestRoom, roomStarted } from '../room/testRoom.ts'
import { useRoomStartsStore } from './roomStarts.ts'
import { useNoticesStore } from './notices.ts'
import { useTerminalsStore } from './terminals.ts'

const ID = 'lg-7a3f9c2d'

function setUp() {
  const room = createTestRoom()
  const { use } = createTestApp(room)
  return { room, terminals: use(useTerminalsStore), roomStarts: use(useRoomStartsStore), notices: use(useNoticesStore) }
}

describe('terminals', () => {
  it('types, and sends a large paste in pieces and in order', async () => {
    const { room, terminals } = setUp()
    room.answer('terminal.write', () => ({}))
    await terminals.type(ID, 'a'.repeat(500_000) + 'b')
    expect(room.asked('terminal.write').map(({ data }) => [data.length, data.at(-1)])).toEqual([
      [500_000, 'a'],
      [1, 'b'],
    ])
  })

  it('cuts no letter of a large paste in two', async () => {
    const { room, terminals } = setUp()
    room.answer('terminal.write', () => ({}))
    const pasted = `${'a'.repeat(499_999)}🐈🐈`
    await terminals.type(ID, pasted)
    const pieces = room.asked('terminal.write').map(({ data }) => data)
    expect([pieces.map((piece) => piece.isWellFormed()), pieces.join('') === pasted]).toEqual([[true, true], true])
  })

  it('says when typing reached nobody, and keeps quiet about a size that is given again anyway', async () => {
    const { room, terminals, notices } = setUp()
    const gone = (): never => {
      throw new AppError('UNAVAILABLE', 'The connection is lost.')
    }
    room.answer('terminal.resize', gone)
    await terminals.resize(ID, { columns: 80, rows: 24 })
    expect(notices.notices).toEqual([])
    room.answer('terminal.write', gone)
    await terminals.type(ID, 'x')
    expect(notices.notices.map((notice) => notice.sentence)).toEqual(['The connection is lost.'])
  })

  it('reads what is recorded as plain lines', async () => {
    const { room, terminals } = setUp()
    room.answer('terminal.tail', () => ({ lines: [{ at: 1, text: 'one' }, { at: 2, text: 'two' }] }))
    expect(await terminals.recordedLines(ID)).toEqual(['one', 'two'])
  })

  it('counts anew with a room that started anew', async () => {
    const { room, terminals, roomStarts } = setUp()
    const detach = terminals.attach(ID, { write: () => {}, beginAfterGap: () => {}, say: () => {}, size: () => {} })
    room.streams('terminal.output')[0]?.push({ kind: 'data', offset: 0, data: 'hello' })
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.enter({ kind: 'open' })
    expect(room.streams('terminal.output').map((stream) => stream.input)).toEqual([{ agentId: ID, from: 5 }])
    roomStarts.view.receive([roomStarted(2)])
    await nextTick()
    expect(room.streams('terminal.output').map((stream) => stream.input)).toEqual([{ agentId: ID, from: 0 }])
    detach()
    expect(room.streams('terminal.output')).toEqual([])
  })
})
