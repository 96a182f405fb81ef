import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { LARGEST_CHECKPOINT_BYTES, requireFitting } from './checkpointRepository.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import type { Allowance } from '../../shared/domain/safety.ts'
import { NO_RULES } from '../../shared/domain/safetyRules.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import type { State } from './repositories.ts'
import { recordedEvent, recordId, sampleRecord } from './testAudit.ts'
import { changed, note, removed } from './testEvents.ts'
import { describeStores, type Place } from './testStores.ts'

const clock = createTestClock()

describeStores('small repositories', (store) => {
  let place: Place
  let state: State

  beforeEach(async () => {
    place = await store.make()
    state = await place.open({ clock })
  })
  afterEach(() => state.close())

  async function reopen(): Promise<void> {
    await state.close()
    state = await place.open({ clock })
  }

  describe('checkpoints', () => {
    it('give back what was kept last, of each agent its own, also after a restart', async () => {
      expect(await state.checkpoints.load('sa-00000001')).toBeNull()
      const document = { step: 23, done: ['ä', '🚀'], nested: { nothing: null } }
      const sealed = Buffer.from('anything that is sealed')
      await state.checkpoints.save('sa-00000001', { sealed }, 10)
      await state.checkpoints.save('sa-00000002', { document: 'another' }, 15)
      await state.checkpoints.save('sa-00000003', { sealed }, 16)
      await state.checkpoints.save('sa-00000001', { document }, 20)
      await reopen()
      expect(await state.checkpoints.load('sa-00000001')).toEqual({ kept: { document }, savedAt: 20 })
      expect(await state.checkpoints.load('sa-00000002')).toEqual({ kept: { document: 'another' }, savedAt: 15 })
      expect(await state.checkpoints.load('sa-00000003')).toEqual({ kept: { sealed }, savedAt: 16 })
      expect(await state.checkpoints.unlooked()).toEqual([])
    })

    it('keep a null apart from nothing', async () => {
      await state.checkpoints.save('sa-00000001', { document: null }, 10)
      expect(await state.checkpoints.load('sa-00000001')).toEqual({ kept: { document: null }, savedAt: 10 })
    })

    it('refuse what is too large', () => {
      expect(() => requireFitting('sa-00000001', 'x'.repeat(LARGEST_CHECKPOINT_BYTES))).toThrow(
        'The checkpoint of sa-00000001 has 16000002 bytes; at most 16000000 are kept: save less, or save the name of a file that has it.',
      )
      expect(requireFitting('sa-00000001', 'ä')).toBe(4)
    })
  })

  describe('launch plans', () => {
    it('are kept sealed or not at all, and go with their agent', async () => {
      const sealed = Buffer.from('anything that is sealed')
      await state.launchPlans.save('sa-00000001', null)
      await state.launchPlans.save('sa-00000001', sealed)
      await state.launchPlans.save('sa-00000002', null)
      await reopen()
      expect(await state.launchPlans.all()).toEqual(new Map([['sa-00000001', sealed], ['sa-00000002', null]]))
      const removed = { name: 'agent.removed', agentId: 'sa-00000001', severity: 'INFO', message: '', payload: {} } as const
      await state.events.append([{ announcement: removed, at: 10 }])
      expect([...(await state.launchPlans.all()).keys()]).toEqual(['sa-00000002'])
    })
  })

  describe('process marks', () => {
    const begun = { agentId: 'sa-00000001', runToken: 'ab'.repeat(16), pid: null, processStart: null }

    it('are written before a process, completed after it, and survive a restart', async () => {
      await state.agents.saveMark(begun)
      expect(await state.agents.marks()).toEqual([begun])
      const complete = { ...begun, pid: 4711, processStart: '123456' }
      await state.agents.saveMark(complete)
      await state.agents.saveMark({ ...begun, agentId: 'sa-00000002' })
      await reopen()
      expect(await state.agents.marks()).toEqual([complete, { ...begun, agentId: 'sa-00000002' }])
      await state.agents.deleteMark('sa-00000001')
      expect(await state.agents.marks()).toEqual([{ ...begun, agentId: 'sa-00000002' }])
    })
  })

  describe('recent scripts', () => {
    it('are listed newest first, each once', async () => {
      await state.recentScripts.touch('/invented/a.py', 1)
      await state.recentScripts.touch('/invented/b.py', 2)
      await state.recentScripts.touch('/invented/a.py', 3)
      expect(await state.recentScripts.list(10)).toEqual([
        { script: '/invented/a.py', lastStartedAt: 3 },
        { script: '/invented/b.py', lastStartedAt: 2 },
      ])
      expect(await state.recentScripts.list(1)).toHaveLength(1)
    })

    it('are remembered with what was chosen for them', async () => {
      await state.recentScripts.touch('/invented/a.py', 1)
      expect(await state.recentScripts.remembered('/invented/a.py')).toEqual({})
      await state.recentScripts.remember('/invented/a.py', { budget: '50', args: ['--leads', '100'], atLimit: null })
      await state.recentScripts.touch('/invented/a.py', 2)
      await reopen()
      expect(await state.recentScripts.remembered('/invented/a.py')).toEqual({ budget: '50', args: ['--leads', '100'], atLimit: null })
      await state.recentScripts.remember('/invented/a.py', {})
      expect(await state.recentScripts.remembered('/invented/a.py')).toEqual({})
      await state.recentScripts.remember('/invented/never-started.py', { budget: '5' })
      expect(await state.recentScripts.remembered('/invented/never-started.py')).toEqual({})
      expect(await state.recentScripts.list(10)).toHaveLength(1)
    })

    it('do not grow without end', async () => {
      for (let i = 0; i < 60; i++) await state.recentScripts.touch(`/invented/${i}.py`, i)
      const scripts = await state.recentScripts.list(1000)
      expect(scripts).toHaveLength(50)
      expect(scripts.at(-1)?.script).toBe('/invented/10.py')
    })
  })

  describe('alerts', () => {
    const mark = { agentId: 'sa-00000001', raises: 0, threshold: 90, channel: 'email' } as const
    const others = [
      { ...mark, agentId: 'sa-00000002' },
      { ...mark, raises: 1 },
      { ...mark, threshold: 100 },
      { ...mark, channel: 'webhook' as const },
    ]

    it('are claimed once for each threshold of each budget, also after a restart', async () => {
      expect(await state.alerts.claim(mark, 10)).toBe(true)
      expect(await state.alerts.claim(mark, 11)).toBe(false)
      expect(await Promise.all(others.map((other) => state.alerts.claim(other, 12)))).toEqual([true, true, true, true])
      await reopen()
      expect(await state.alerts.claim(mark, 13)).toBe(false)
    })

    it('are claimed by one of many who ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => state.alerts.claim(mark, 10)))
      expect(answers.filter((isMine) => isMine)).toHaveLength(1)
    })

    it('that are neither sent nor failed are found after the room died', async () => {
      for (const [index, one] of [mark, ...others].entries()) await state.alerts.claim(one, index)
      await state.alerts.settle(mark, 'sent', 1, 20)
      await state.alerts.settle({ ...mark, threshold: 100 }, 'failed', 5, 20)
      await reopen()
      expect(await state.alerts.unsettled()).toEqual([others[0], others[1], others[3]])
      expect(await state.alerts.claim(mark, 30)).toBe(false)
    })

    it('are settled once, and only where they were claimed', async () => {
      await expect(state.alerts.settle(mark, 'sent', 1, 20)).rejects.toThrow('not claimed')
      await state.alerts.claim(mark, 10)
      await state.alerts.settle(mark, 'sent', 1, 20)
      await expect(state.alerts.settle(mark, 'failed', 1, 20)).rejects.toThrow('settled already')
    })
  })

  describe('originals', () => {
    const original = (number: number, at = number): { id: string; at: number; sealed: Buffer } => ({ id: recordId(number), at, sealed: Buffer.from([0, 255, number]) })
    const save = async (...originals: ReturnType<typeof original>[]): Promise<void> => state.originals.save(originals)

    it('are saved all or none, given back as they were, and forgotten by age', async () => {
      await save(original(1), original(2))
      await expect(save(original(3), original(1))).rejects.toThrow('only ever added')
      await save(original(4))
      expect((await state.originals.recent(2)).map(({ id }) => id)).toEqual([4, 2].map(recordId))
      expect(await state.originals.get(recordId(2))).toEqual(Buffer.from([0, 255, 2]))
      expect(await state.originals.forgetBefore(3)).toBe(2)
      expect(await state.originals.get(recordId(2))).toBeNull()
      await expect(place.change(store.name === 'SQLite' ? `UPDATE pii_originals SET sealed = x'00'` : `UPDATE pii_originals SET sealed = ''`)).rejects.toThrow('never changed')
    })

    it('without their record go at the next start', async () => {
      await save(original(1), original(2))
      await state.events.append([{ announcement: recordedEvent(sampleRecord({ id: recordId(1) })), at: 1 }])
      await reopen()
      expect((await state.originals.recent(9)).map(({ id }) => id)).toEqual([recordId(1)])
    })
  })

  describe('what was said about safety', () => {
    const rules = { ...NO_RULES, types: { email: 'block' } } as const

    it('stays, of the room and of each agent, and goes with its agent', async () => {
      const allowance = (id: string, agentId: string | null, at: number): Allowance => ({ id, agentId, at, kind: 'value', value: 'invented', actor: 'owner' })
      await state.safetySettings.saveRules(null, rules)
      await state.safetySettings.saveRules('sa-00000001', rules)
      await state.safetySettings.saveAllowance(allowance('second', 'sa-00000001', 20))
      await state.safetySettings.saveAllowance(allowance('first', null, 10))
      await reopen()
      expect(await state.safetySettings.rules()).toEqual([{ agentId: null, rules }, { agentId: 'sa-00000001', rules }])
      expect((await state.safetySettings.allowances()).map(({ id }) => id)).toEqual(['first', 'second'])
      await state.events.append([{ announcement: removed('sa-00000001'), at: 10 }])
      expect([(await state.safetySettings.rules()).length, (await state.safetySettings.allowances()).length]).toEqual([1, 1])
      expect([await state.safetySettings.deleteAllowance('first'), await state.safetySettings.deleteAllowance('first')]).toEqual([true, false])
    })
  })

  describe('the lock of the stage', () => {
    it('is set once, stays, and is taken away', async () => {
      const lock = { passwordHash: 'invented hash', opensWith: 'stage-password', lockedBy: 'ada', lockedAt: 10 } as const
      expect([await state.stageLock.get(), await state.stageLock.add(lock), await state.stageLock.add({ ...lock, lockedBy: 'eve' })]).toEqual([null, true, false])
      await reopen()
      expect(await state.stageLock.get()).toEqual(lock)
      await state.stageLock.remove()
      expect(await state.stageLock.get()).toBeNull()
    })
  })

  describe('the last that a budget was told', () => {
    it('is found, of each agent by itself, however much came after', async () => {
      const progressed = (agentId: string, done: number): Announcement => ({
        name: 'agent.progressed', agentId, severity: 'DEBUG', message: `${done} leads.`, payload: { progress: { done, total: 100, unit: 'lead', failed: 0 } },
      })
      const told = [progressed('sa-00000001', 1), progressed('sa-00000001', 2), progressed('sa-00000002', 9), note('later', 'sa-00000001')]
      await state.events.append(told.map((announcement) => ({ announcement, at: 10 })))
      expect(await state.events.lastOfBudget('agent.progressed', 'sa-00000001')).toMatchObject({ seq: 2, payload: { progress: { done: 2 } } })
      expect(await state.events.lastOfBudget('budget.exhausted', 'sa-00000001')).toBeNull()
    })
  })

  describe('a launch plan', () => {
    it('is replaced together with its agent; one without an agent is a stray', async () => {
      const agent = sampleAgent({ id: 'sa-00000001' })
      await state.events.append([{ announcement: changed(agent), at: 10 }])
      await state.launchPlans.save('st-00000009', null)
      const shown = { ...agent, message: 'replaced' } as typeof agent
      await state.launchPlans.replace([{ agent: shown, sealed: Buffer.from('sealed') }])
      await state.launchPlans.forgetStrays()
      expect([await state.agents.all(), await state.launchPlans.all()]).toEqual([[shown], new Map([['sa-00000001', Buffer.from('sealed')]])])
    })
  })
})
