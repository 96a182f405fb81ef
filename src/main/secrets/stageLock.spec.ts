import { describe, expect, it } from 'vitest'
import type { Caller } from '../../shared/domain/roles.ts'
import type { Stage } from '../../shared/domain/stage.ts'
import { bcryptPasswords } from '../access/passwords.ts'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { openState } from '../state/openState.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { createStageLock, type StageLock } from './stageLock.ts'

const folders = useTestFolders()
const OWNER: Caller = { role: 'admin', id: 'owner' }
const ADA: Caller = { role: 'admin', id: 'ada' }
const VERA: Caller = { role: 'viewer', id: 'vera' }
const OWN = 'an invented password of ada'

interface TestStage {
  readonly stage: StageLock
  readonly clock: TestClock
  readonly changes: [Stage, Caller][]
  readonly refused: string[]
  /** Ada gives herself another password. */
  changePassword(password: string): Promise<void>
  close(): Promise<void>
}

async function openStage(folder = folders.make()): Promise<TestStage> {
  const clock = createTestClock()
  const state = await openState({ dataFolder: folder, clock })
  let own = await bcryptPasswords.hash(OWN)
  const changes: [Stage, Caller][] = []
  const refused: string[] = []
  const stage = await createStageLock({
    locks: state.stageLock,
    passwords: bcryptPasswords,
    passwordHashOf: async ({ id }) => (id === ADA.id ? own : null),
    clock,
    onChange: async (...change) => changes.push(change),
    onRefused: async (_by, sentence) => refused.push(sentence),
  })
  return {
    stage,
    clock,
    changes,
    refused,
    async changePassword(password) {
      own = await bcryptPasswords.hash(password)
    },
    close: () => state.close(),
  }
}

describe('the lock of the stage', () => {
  it('is the owner’s with a password that is given with it, and survives a restart', async () => {
    const folder = folders.make()
    const before = await openStage(folder)
    expect(await before.stage.status(OWNER)).toEqual({ locked: false, lockedBy: null, lockedAt: null, canUnlock: true, needsPassword: true, opensWith: null })
    await expect(before.stage.lock(OWNER, undefined)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await before.stage.lock(OWNER, 'invented stage')
    expect(before.stage.isLocked).toBe(true)
    expect(before.changes).toEqual([[{ locked: true, lockedBy: 'owner', lockedAt: before.clock.now() }, OWNER]])
    await before.close()

    const { stage, refused, changes, close } = await openStage(folder)
    expect(stage.isLocked).toBe(true)
    expect(await stage.status(VERA)).toMatchObject({ locked: true, lockedBy: 'owner', canUnlock: false, opensWith: 'stage-password' })
    await expect(stage.unlock(OWNER, 'invented stagE')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(refused).toHaveLength(1)
    expect(stage.isLocked).toBe(true)
    await stage.unlock(OWNER, 'invented stage')
    expect(stage.isLocked).toBe(false)
    expect(changes).toEqual([[{ locked: false, lockedBy: null, lockedAt: null }, OWNER]])
    await close()
    const after = await openStage(folder)
    expect(after.stage.isLocked).toBe(false)
    await after.close()
  })

  it('of somebody with an account opens with that password as it was then: no later one gets around it', async () => {
    const { stage, changePassword, close } = await openStage()
    await stage.lock(ADA, undefined)
    expect(await stage.status(ADA)).toMatchObject({ needsPassword: false, opensWith: 'account-password' })
    await changePassword('another invented one')
    await expect(stage.unlock(ADA, 'another invented one')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await stage.unlock(OWNER, OWN)
    expect(stage.isLocked).toBe(false)
    await close()
  })

  it('is not locked twice, nor opened where it is not locked', async () => {
    const { stage, close } = await openStage()
    await expect(stage.unlock(OWNER, 'invented stage')).rejects.toMatchObject({ code: 'CONFLICT' })
    const both = await Promise.allSettled([stage.lock(OWNER, 'invented stage'), stage.lock(ADA, undefined)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(stage.lock(ADA, undefined)).rejects.toMatchObject({ code: 'CONFLICT' })
    await close()
  })

  it('is guessed ten times at most in five minutes', async () => {
    const { stage, clock, close } = await openStage()
    await stage.lock(OWNER, 'invented stage')
    for (let guess = 0; guess < 10; guess++) await expect(stage.unlock(OWNER, `invented ${guess}`)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(stage.unlock(OWNER, 'invented stage')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    clock.advance(5 * 60_000)
    await stage.unlock(OWNER, 'invented stage')
    expect(stage.isLocked).toBe(false)
    await close()
  })
})
