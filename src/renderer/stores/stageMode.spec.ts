// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wearStage, wornLook } from '@/appearance/look.ts'
import { createTestApp, createTestRoom, settle, type TestRoom } from '@/room/testRoom.ts'
import { sampleStage } from '@/secrets/testSecrets.ts'
import { useNoticesStore } from './notices.ts'
import { useStageStore, type StageStatus } from './stage.ts'
import { useStageModeStore } from './stageMode.ts'
import { AppError } from '../../shared/errors.ts'

async function open(status: Partial<StageStatus>): Promise<{ room: TestRoom; mode: ReturnType<typeof useStageModeStore>; notices: ReturnType<typeof useNoticesStore> }> {
  const room = createTestRoom()
  room.answer('stage.status', () => sampleStage(status))
  room.answer('stage.lock', () => sampleStage({ ...status, locked: true, lockedBy: 'ada' }))
  room.answer('stage.unlock', () => sampleStage({ ...status, locked: false }))
  const { use } = createTestApp(room)
  const mode = use(useStageModeStore)
  await use(useStageStore).view.load()
  return { room, mode, notices: use(useNoticesStore) }
}

beforeEach(() => sessionStorage.clear())
afterEach(() => wearStage(false))

describe('stage mode', () => {
  it('asks the machine’s owner for a password, locks with it, and only then is on', async () => {
    const { room, mode } = await open({ canUnlock: true, needsPassword: true })
    await mode.toggle()
    expect([mode.question, mode.isOn]).toEqual(['enter', false])
    await mode.lockAndEnter('a good password')
    expect(room.asked('stage.lock')).toEqual([{ password: 'a good password' }])
    expect([mode.question, mode.isOn, wornLook().isOnStage]).toEqual([null, true, true])
  })

  it('asks the room first, where it has not said yet who may lock', async () => {
    const room = createTestRoom()
    room.answer('stage.status', () => sampleStage({ canUnlock: true, needsPassword: true }))
    const mode = createTestApp(room).use(useStageModeStore)
    await mode.toggle()
    expect([mode.question, mode.isOn]).toEqual(['enter', false])
  })

  it('does not go on, with secrets unlocked, while nobody can say who may lock them', async () => {
    const room = createTestRoom({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.answer('stage.status', () => {
      throw new AppError('UNAVAILABLE', 'The connection to the control room is lost.')
    })
    const { use } = createTestApp(room)
    const mode = use(useStageModeStore)
    await mode.toggle()
    expect([mode.question, mode.isOn]).toEqual([null, false])
    expect(use(useNoticesStore).notices.map(({ sentence }) => sentence)).toEqual(['The room has not said yet whether its secrets can be locked. Go on stage once it is connected.'])
  })

  it('locks at once for whoever has a password of their own', async () => {
    const { room, mode } = await open({ canUnlock: true, needsPassword: false })
    await mode.toggle()
    expect(room.asked('stage.lock')).toEqual([{}])
    expect(mode.isOn).toBe(true)
  })

  it('does not go on where secrets could not be locked, and says why', async () => {
    const { room, mode, notices } = await open({ canUnlock: true, needsPassword: false })
    room.answer('stage.lock', () => {
      throw new AppError('UNAVAILABLE', 'The room is closing.')
    })
    await mode.toggle()
    expect(mode.isOn).toBe(false)
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['The room is closing.'])
  })

  it('goes on as it is where secrets are locked already, and for a viewer, who has none', async () => {
    const locked = await open({ canUnlock: true, needsPassword: true, locked: true })
    await locked.mode.toggle()
    expect(locked.mode.isOn).toBe(true)
    locked.mode.leave()
    const viewer = await open({ canUnlock: false })
    await viewer.mode.toggle()
    expect(viewer.mode.isOn).toBe(true)
    expect([...locked.room.asked('stage.lock'), ...viewer.room.asked('stage.lock')]).toEqual([])
  })

  it('asks at its end whether secrets are unlocked too', async () => {
    const { room, mode } = await open({ canUnlock: true, needsPassword: true })
    await mode.lockAndEnter('a good password')
    await mode.toggle()
    expect([mode.question, mode.isOn]).toEqual(['leave', true])
    await mode.unlockAndLeave('a good password')
    expect(room.asked('stage.unlock')).toEqual([{ password: 'a good password' }])
    expect([mode.isOn, wornLook().isOnStage]).toEqual([false, false])
  })

  it('lasts when the page is loaded again, and not in another tab', async () => {
    const { mode } = await open({ canUnlock: false })
    await mode.toggle()
    await settle()
    expect((await open({ canUnlock: false })).mode.isOn).toBe(true)
    sessionStorage.clear()
    expect((await open({ canUnlock: false })).mode.isOn).toBe(false)
  })
})
