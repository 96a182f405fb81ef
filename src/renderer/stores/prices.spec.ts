// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { PriceList } from '../../shared/contract/prices.ts'
import type { Event } from '../../shared/domain/event.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { usePricesStore } from './prices.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const LIST: PriceList = { models: [{ name: 'gpt-4', aliases: [], prices: { input: 30_000_000_000 }, isOwn: false, isShipped: true }], asOf: '2026-11-21', file: null }
const changed = (keys: string[]): Event => ({ seq: 1, at: 1, severity: 'INFO', agentId: null, message: 'Changed.', name: 'settings.changed', payload: { keys, actor: 'ada (admin)' } })

it('prices are asked for while somebody looks, and again when they have changed', async () => {
  const room = createTestRoom()
  let answer = LIST
  room.answer('price.list', () => answer)
  const store = createTestApp(room).use(usePricesStore)
  await store.view.load()
  expect(store.list).toBeNull()
  store.isWatched = true
  await settle()
  expect(store.list).toEqual(LIST)
  answer = { ...LIST, file: '/data/prices.yaml' }
  store.view.receive([changed(['budget'])])
  vi.advanceTimersByTime(500)
  await settle()
  expect(room.asked('price.list')).toHaveLength(1)
  store.view.receive([changed(['prices'])])
  vi.advanceTimersByTime(500)
  await settle()
  expect(store.list).toEqual(answer)
})

it('a change gives the list as it is then', async () => {
  const room = createTestRoom()
  room.answer('price.change', () => ({ ...LIST, file: '/data/prices.yaml' }))
  const store = createTestApp(room).use(usePricesStore)
  await store.change({ model: 'gpt-4', prices: { input: '2.5' } })
  expect([store.list?.file, room.asked('price.change')]).toEqual(['/data/prices.yaml', [{ model: 'gpt-4', prices: { input: '2.5' } }]])
})
