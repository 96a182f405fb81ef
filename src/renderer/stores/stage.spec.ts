import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { sampleStage, stageChanged } from '../secrets/testSecrets.ts'
import { useStageStore } from './stage.ts'

const LOCKED = { locked: true, lockedBy: 'ada', lockedAt: 1_000 }

async function setUp() {
  const room = createTestRoom()
  const answer = { status: sampleStage() }
  room.answer('stage.status', () => answer.status)
  const store = createTestApp(room).use(useStageStore)
  await store.view.load()
  return { room, store, answer }
}

describe('the stage', () => {
  it('is locked with the very event, and who may unlock it is asked', async () => {
    const { room, store, answer } = await setUp()
    expect(store.isLocked).toBe(false)
    answer.status = sampleStage({ ...LOCKED, canUnlock: false, opensWith: 'account-password' })
    store.view.receive([stageChanged(1, LOCKED)])
    expect([store.isLocked, store.status?.lockedBy]).toEqual([true, 'ada'])
    await settle()
    expect([store.status?.canUnlock, room.asked('stage.status').length]).toEqual([false, 2])
  })

  it('is locked with a password where one is needed, and unlocked with it', async () => {
    const { room, store } = await setUp()
    room.answer('stage.lock', () => sampleStage({ ...LOCKED, opensWith: 'stage-password' }))
    room.answer('stage.unlock', ({ password }) => {
      if (password !== 'an invented word') throw new AppError('FORBIDDEN', 'That is not the password.')
      return sampleStage()
    })
    await store.lock('an invented word')
    expect(store.isLocked).toBe(true)
    await expect(store.unlock('another')).rejects.toThrow('That is not the password.')
    expect(store.isLocked).toBe(true)
    await store.unlock('an invented word')
    expect(store.isLocked).toBe(false)
    await store.lock(null)
    expect(room.asked('stage.lock')).toEqual([{ password: 'an invented word' }, {}])
    expect(JSON.stringify(store.$state)).not.toContain('an invented word')
  })
})
