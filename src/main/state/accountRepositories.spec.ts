import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import type { State, StoredUser } from './repositories.ts'
import { describeStores, type Place } from './testStores.ts'

const clock = createTestClock()
describeStores('accounts', (store) => {
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

  const ada: StoredUser = { name: 'ada', role: 'viewer', passwordHash: 'invented hash', stamp: 'first', createdAt: 10, lastSeenAt: null }
  const HASH = 'ab'.repeat(32)
  const token = { id: 'token-000000000001', label: 'invented', role: 'agent', agentId: 'sa-00000001', createdAt: 10, lastUsedAt: null } as const

  describe('users', () => {
    it('are there once, change with their password, and go, also after a restart', async () => {
      expect([await state.users.add(ada), await state.users.add({ ...ada, role: 'admin' })]).toEqual([true, false])
      await reopen()
      expect(await state.users.get('ada')).toEqual(ada)
      expect([await state.users.setPassword('ada', 'another hash', 'second'), await state.users.setPassword('bob', 'x', 'y')]).toEqual([true, false])
      await state.users.seen('ada', 20)
      expect(await state.users.all()).toEqual([{ ...ada, passwordHash: 'another hash', stamp: 'second', lastSeenAt: 20 }])
      expect([await state.users.remove('ada'), await state.users.remove('ada'), await state.users.get('ada')]).toEqual([true, false, null])
    })
  })

  describe('API tokens', () => {
    it('are found by their hash until they are revoked, which stays', async () => {
      await state.apiTokens.add(token, HASH)
      await state.apiTokens.used(token.id, 20)
      await reopen()
      expect(await state.apiTokens.find(HASH)).toEqual({ ...token, lastUsedAt: 20 })
      expect([await state.apiTokens.find('cd'.repeat(32)), await state.apiTokens.find("' OR 1 = 1 --")]).toEqual([null, null])
      expect([await state.apiTokens.revoke(token.id, 30), await state.apiTokens.revoke(token.id, 40)]).toEqual([true, false])
      expect([await state.apiTokens.find(HASH), await state.apiTokens.all()]).toEqual([null, []])
      await state.close()
      await expect(place.change('UPDATE api_tokens SET revoked_at = NULL')).rejects.toThrow('a revoked token stays revoked')
    })

    it('are never two of one hash, and of an agent exactly where there is one', async () => {
      await state.apiTokens.add(token, HASH)
      await expect(state.apiTokens.add({ ...token, id: 'token-000000000002' }, HASH)).rejects.toThrow()
      await expect(state.apiTokens.add({ ...token, id: 'token-000000000003', agentId: null }, 'cd'.repeat(32))).rejects.toThrow()
      await expect(state.apiTokens.add({ ...token, id: 'token-000000000004', role: 'admin' }, 'ef'.repeat(32))).rejects.toThrow()
    })
  })

  describe('revoked sessions', () => {
    it('are kept until they would have ended by themselves, also after a restart', async () => {
      expect([await state.revokedSessions.revoke('one', 100), await state.revokedSessions.revoke('one', 200)]).toEqual([true, false])
      await state.revokedSessions.revoke('other', 101)
      await reopen()
      await state.revokedSessions.forgetExpired(100)
      expect([await state.revokedSessions.has('one'), await state.revokedSessions.has('other'), await state.revokedSessions.has('third')]).toEqual([false, true, false])
    })
  })
})
