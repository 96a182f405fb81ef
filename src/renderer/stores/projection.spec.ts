import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { agentChanged } from '../room/testRoom.ts'
import { applyChange, createProjection, type Projected } from './projection.ts'

const event = (seq: number): Event => agentChanged(seq, sampleAgent())
const append = (seqs: readonly number[], { seq }: Event): readonly number[] => [...seqs, seq]

describe('applyChange', () => {
  const at5: Projected<readonly number[]> = { seq: 5, state: [] }

  it('applies the very next event', () => {
    expect(applyChange(at5, event(6), append)).toEqual({ kind: 'applied', projected: { seq: 6, state: [6] } })
  })

  it('knows an event that the snapshot has already', () => {
    expect(applyChange(at5, event(5), append)).toEqual({ kind: 'seen' })
    expect(applyChange(at5, event(1), append)).toEqual({ kind: 'seen' })
  })

  it('answers that it missed one', () => {
    expect(applyChange(at5, event(7), append)).toEqual({ kind: 'missed' })
  })
})

describe('a projection', () => {
  function setUp() {
    const snapshots: { resolve: (snapshot: Projected<readonly number[]>) => void; reject: (problem: Error) => void }[] = []
    const projection = createProjection<readonly number[]>({
      empty: [],
      fetch: () => new Promise((resolve, reject) => snapshots.push({ resolve, reject })),
      apply: append,
    })
    return { projection, snapshots }
  }

  it('keeps what comes before its snapshot, and drops what the snapshot has', async () => {
    const { projection, snapshots } = setUp()
    const loading = projection.load()
    projection.receive([event(2), event(3), event(4)])
    expect(projection.state.value).toEqual([])
    snapshots[0]?.resolve({ seq: 3, state: [1, 2, 3] })
    await loading
    expect(projection.state.value).toEqual([1, 2, 3, 4])
    expect(projection.seq()).toBe(4)
  })

  it('takes a fresh snapshot when it missed one, and loses nothing that came after', async () => {
    const { projection, snapshots } = setUp()
    const first = projection.load()
    snapshots[0]?.resolve({ seq: 1, state: [1] })
    await first
    projection.receive([event(2), event(4), event(5)])
    expect(projection.state.value).toEqual([1, 2])
    expect(snapshots).toHaveLength(2)
    projection.receive([event(6)])
    const again = projection.load()
    snapshots[1]?.resolve({ seq: 4, state: [1, 2, 3, 4] })
    await again
    expect(projection.state.value).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('asks once, however often it is told to load', () => {
    const { projection, snapshots } = setUp()
    void projection.load()
    void projection.load()
    expect(snapshots).toHaveLength(1)
  })

  it('keeps what it shows when there is no snapshot to be had, and can try again', async () => {
    const { projection, snapshots } = setUp()
    const first = projection.load()
    snapshots[0]?.resolve({ seq: 1, state: [1] })
    await first
    const second = projection.load()
    snapshots[1]?.reject(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    expect(projection.state.value).toEqual([1])
    const third = projection.load()
    snapshots[2]?.resolve({ seq: 9, state: [9] })
    await third
    expect(projection.state.value).toEqual([9])
  })

  it('changes its state once for a batch', async () => {
    const { projection, snapshots } = setUp()
    const loading = projection.load()
    snapshots[0]?.resolve({ seq: 0, state: [] })
    await loading
    const before = projection.state.value
    projection.receive([event(1), event(2), event(3)])
    expect(before).toEqual([])
    expect(projection.state.value).toEqual([1, 2, 3])
  })
})
