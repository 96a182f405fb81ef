import { beforeEach, describe, expect, it } from 'vitest'
import type { StreamItem } from '../../shared/contract/contract.ts'
import type { Clock } from '../ports.ts'
import type { PtyProcess } from './pty.ts'
import type { Recording } from './recording.ts'
import { createTerminal, type Terminal } from './terminal.ts'

type Item = StreamItem<'terminal.output'>

let now: number
let timers: { at: number; action: () => void }[]
const clock: Clock = {
  now: () => now,
  after(delayMs, action) {
    const timer = { at: now + delayMs, action }
    timers.push(timer)
    return { cancel: () => void (timers = timers.filter((other) => other !== timer)) }
  },
}
function pass(ms: number): void {
  const until = now + ms
  for (let next = timers.sort((a, b) => a.at - b.at)[0]; next && next.at <= until; next = timers.sort((a, b) => a.at - b.at)[0]) {
    now = next.at
    timers.splice(timers.indexOf(next), 1)
    next.action()
  }
  now = until
}
/** The terminal serves once a turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

let emit: (data: string) => void
let isPaused: boolean
let isAlive: boolean
const pty: PtyProcess = {
  pid: 1,
  onData: (listener) => void (emit = listener),
  onExit: () => undefined,
  write: async () => undefined,
  resize: () => undefined,
  pause: () => void (isPaused = true),
  resume: () => void (isPaused = false),
  isAlive: () => isAlive,
}

let recording: { -readonly [K in keyof Recording]: Recording[K] }
let terminal: Terminal

beforeEach(() => {
  now = 1_000_000
  timers = []
  isPaused = false
  isAlive = true
  recording = { output: () => undefined, resized: () => undefined, pendingBytes: 0, flush: async () => undefined, close: async () => undefined }
  terminal = createTerminal({ clock, recording, createFilter: (output) => ({ push: (data) => output({ shown: data, kept: data }), flush: () => undefined }), size: { columns: 80, rows: 24 } })
  terminal.attach(pty)
})

function view(from = 0): { items: Item[]; data(): string; follow: ReturnType<Terminal['follow']> } {
  const items: Item[] = []
  const follow = terminal.follow(from, { push: (item) => void items.push(item), end: () => undefined })
  return { items, follow, data: () => items.map((item) => (item.kind === 'data' ? item.data : '')).join('') }
}

const KB = 'x'.repeat(1000)

describe('a terminal', () => {
  it('tells its size first, then what it shows, in one message a turn', async () => {
    const viewer = view()
    emit('a')
    emit('b')
    await turn()
    expect(viewer.items).toEqual([
      { kind: 'size', columns: 80, rows: 24 },
      { kind: 'data', offset: 0, data: 'ab' },
    ])
  })

  it('shows the first output at once, and gathers for 8 ms what follows it', async () => {
    const viewer = view()
    emit('first')
    await turn()
    expect(viewer.data()).toBe('first')
    emit(' second')
    await turn()
    pass(5)
    emit(' third')
    await turn()
    expect(viewer.data()).toBe('first')
    pass(3)
    await turn()
    expect(viewer.items.slice(-2)).toEqual([
      { kind: 'data', offset: 0, data: 'first' },
      { kind: 'data', offset: 5, data: ' second third' },
    ])
    pass(8)
    emit(' fourth')
    await turn()
    expect(viewer.data()).toBe('first second third fourth')
  })

  it('waits no longer once 32,000 characters have gathered', async () => {
    const viewer = view()
    emit('first')
    await turn()
    for (let index = 0; index < 32; index++) emit(KB)
    await turn()
    expect(viewer.data()).toHaveLength(32_005)
  })

  it('shows what has gathered when its process ends, when its size changes and when it closes', async () => {
    const viewer = view()
    emit('a')
    await turn()
    emit('b')
    terminal.detach()
    await turn()
    terminal.attach(pty)
    emit('c')
    terminal.resize({ columns: 100, rows: 30 })
    emit('d')
    terminal.close()
    expect(viewer.items.slice(2)).toEqual([
      { kind: 'data', offset: 1, data: 'b' },
      { kind: 'data', offset: 2, data: 'c' },
      { kind: 'size', columns: 100, rows: 30 },
      { kind: 'data', offset: 3, data: 'd' },
    ])
  })

  it('gives a viewer that comes back exactly what it missed', async () => {
    emit('seen')
    emit(' missed')
    const viewer = view(4)
    await turn()
    expect(viewer.items.at(-1)).toEqual({ kind: 'data', offset: 4, data: ' missed' })
  })

  it('says so when what was missed is no longer held', async () => {
    for (let index = 0; index < 2100; index++) emit(KB)
    const viewer = view(10)
    await turn()
    expect(viewer.items[1]).toEqual({ kind: 'gap', offset: terminal.ring.start })
    expect(viewer.items[2]).toMatchObject({ kind: 'data', offset: terminal.ring.start })
  })

  it('pauses the agent at 100,000 unacknowledged characters, and lets it go on below 5,000', async () => {
    const viewer = view()
    for (let index = 0; index < 101; index++) emit(KB)
    await turn()
    expect(isPaused).toBe(true)
    viewer.follow.acknowledge?.(90_000)
    expect(isPaused).toBe(true)
    viewer.follow.acknowledge?.(7_000)
    expect(isPaused).toBe(false)
  })

  it('sends no more than the window to a viewer that does not acknowledge', async () => {
    const viewer = view()
    for (let index = 0; index < 500; index++) emit(KB)
    await turn()
    expect(viewer.data().length).toBeGreaterThanOrEqual(100_000)
    expect(viewer.data().length).toBeLessThan(140_000)
  })

  it('runs at the pace of the fastest viewer; the slow one finds a gap', async () => {
    let received = 0
    const fast = terminal.follow(0, {
      push(item) {
        if (item.kind !== 'data') return
        received += item.data.length
        queueMicrotask(() => fast.acknowledge?.(item.data.length))
      },
      end: () => undefined,
    })
    const slow = view()
    for (let index = 0; index < 3000; index++) {
      emit(KB)
      await turn()
    }
    pass(8)
    await turn()
    expect(isPaused).toBe(false)
    expect(received).toBe(3_000_000)
    slow.follow.acknowledge?.(1)
    expect(slow.items.some((item) => item.kind === 'gap')).toBe(true)
  })

  it('waits three seconds for a viewer that has fallen silent, no longer', async () => {
    view()
    for (let index = 0; index < 101; index++) emit(KB)
    await turn()
    pass(2_900)
    expect(isPaused).toBe(true)
    pass(200)
    expect(isPaused).toBe(false)
  })

  it('waits no longer for it though the clock is set back meanwhile', async () => {
    view()
    for (let index = 0; index < 101; index++) emit(KB)
    await turn()
    now -= 3_600_000
    for (const timer of timers) timer.at -= 3_600_000
    pass(3_100)
    expect(isPaused).toBe(false)
  })

  it('never pauses for nobody', async () => {
    for (let index = 0; index < 1000; index++) emit(KB)
    await turn()
    expect(isPaused).toBe(false)
  })

  it('goes on when the viewer that held it leaves', async () => {
    const viewer = view()
    for (let index = 0; index < 101; index++) emit(KB)
    await turn()
    viewer.follow.close()
    expect(isPaused).toBe(false)
  })

  it('waits for a disk that lags', async () => {
    recording.pendingBytes = 5_000_000
    emit(KB)
    await turn()
    expect(isPaused).toBe(true)
    recording.pendingBytes = 0
    pass(50)
    expect(isPaused).toBe(false)
  })

  it('reads on at once when its process ends during a pause', async () => {
    view()
    for (let index = 0; index < 101; index++) emit(KB)
    await turn()
    isAlive = false
    pass(50)
    expect(isPaused).toBe(false)
  })

  it('shows what its filter held back when the process ends', async () => {
    let held = ''
    let recorded = ''
    recording.output = (data) => void (recorded += data)
    terminal = createTerminal({
      clock,
      recording,
      createFilter: (output) => ({ push: (data) => void (held += data), flush: () => output({ shown: held, kept: 'kept back' }) }),
      size: { columns: 80, rows: 24 },
    })
    terminal.attach(pty)
    emit('held back')
    expect(terminal.ring.text()).toBe('')
    terminal.detach()
    expect(terminal.ring.text()).toBe('held back')
    expect(recorded).toBe('kept back')
  })

  it('tells every viewer of a new size, once', () => {
    const viewer = view()
    terminal.resize({ columns: 100, rows: 30 })
    terminal.resize({ columns: 100, rows: 30 })
    expect(viewer.items.filter((item) => item.kind === 'size')).toEqual([
      { kind: 'size', columns: 80, rows: 24 },
      { kind: 'size', columns: 100, rows: 30 },
    ])
  })
})
