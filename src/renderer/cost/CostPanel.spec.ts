// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Role } from '../../shared/domain/roles.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { roomConnectionKey } from '../room/connection.ts'
import { createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from '../stores/agents.ts'
import { useBudgetsStore } from '../stores/budgets.ts'
import { useRoomStore } from '../stores/room.ts'
import CostPanel from './CostPanel.vue'
import { sampleBudget, sampleParked } from './testBudgets.ts'

const NEAR: Partial<Budget> = { spent: 45_100_000_000, isWarned: true }
let wrapper: VueWrapper | null = null

beforeEach(() => {
  window.matchMedia ??= (() => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} })) as never
})
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
})

async function show(changes: Partial<Budget>, props: { isLarge?: boolean; isConnected?: boolean; role?: Role } = {}) {
  const { isLarge = false, isConnected = true, role = 'admin' } = props
  const room = createTestRoom()
  room.answer('room.identity', () => ({ caller: { role, id: 'ada' }, version: '1.0.0', host: 'browser' }) as never)
  room.answer('agent.list', () => ({ agents: [sampleAgent()], seq: 1 }))
  room.answer('budget.list', () => ({ budgets: [sampleBudget({ agentId: sampleAgent().id, ...changes })], seq: 1 }))
  room.answer('cost.history', () => ({ points: [], seq: 1 }))
  room.answer('call.list', () => ({ calls: [], next: null, seq: 1 }))
  const shown = mount(CostPanel, { props: { isLarge, isConnected }, global: { plugins: [createPinia()], provide: { [roomConnectionKey as symbol]: room.connection } } })
  wrapper = shown
  useRoomStore()
  const budgets = useBudgetsStore()
  await Promise.all([useAgentsStore().view.load(), budgets.view.load()])
  await settle()
  const buttons = (): string[] => shown.findAll('button').map((one) => one.text())
  const press = async (name: string): Promise<void> => shown.findAll('button').find((one) => one.text() === name)?.trigger('click')
  return { shown, budgets, buttons, press }
}

describe('the cost panel', () => {
  it('offers nothing to decide while all is well, where there is little room', async () => {
    expect((await show({})).buttons()).toEqual([])
  })

  it('offers the recommended increase as soon as the limit is near, and asks about it', async () => {
    const { buttons, budgets, press } = await show(NEAR)
    expect(buttons()).toEqual(['Approve $25 increase'])
    await press('Approve $25 increase')
    expect(budgets.asked?.decision).toBe('raise')
  })

  it('leaves a call that waits to the notice above it, where there is little room', async () => {
    expect((await show({ ...NEAR, parked: [sampleParked()] })).buttons()).toEqual([])
  })

  it('offers to decline where a call waits', async () => {
    const { buttons, budgets, press } = await show({ ...NEAR, parked: [sampleParked()] }, { isLarge: true })
    expect(buttons()).toEqual(['Approve $25 increase', 'Decline', 'Export CSV'])
    await press('Decline')
    expect(budgets.asked?.decision).toBe('decline')
  })

  it('offers a viewer no decision, however near the limit is', async () => {
    expect((await show({ ...NEAR, parked: [sampleParked()] }, { role: 'viewer' })).buttons()).toEqual([])
    expect((await show(NEAR, { role: 'viewer', isLarge: true })).buttons()).toEqual(['Export CSV'])
  })

  it('has models, requests and the export where there is room, and holds back without a connection', async () => {
    const { shown, buttons } = await show({}, { isLarge: true, isConnected: false })
    expect(buttons()).toEqual(['Approve $25 increase', 'Export CSV'])
    expect(shown.findAll('button').map((one) => one.attributes('disabled'))).toEqual(['', ''])
    expect(shown.findAll('section').map((one) => one.attributes('aria-label'))).toEqual(['Spent', 'Cost by model', 'Requests'])
  })
})
