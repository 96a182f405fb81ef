import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { Following } from '../../shared/client.ts'
import type { CommandInput } from '../../shared/contract/contract.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Demo, DemoSpeed } from '../../shared/domain/demo.ts'
import { messageOf } from '../../shared/errors.ts'
import { readSpeed } from '@/demo/demoSpeeds.ts'
import type { TriggerChange } from '@/demo/triggerDraft.ts'
import { useRoomConnection } from '@/room/connection.ts'
import { browserTiming } from '@/room/timing.ts'
import { useAgentsStore } from './agents.ts'
import { useNoticesStore } from './notices.ts'
import { useRoomStore } from './room.ts'

type Deed = 'demo.pace' | 'demo.change' | 'demo.fire' | 'demo.goOn' | 'demo.reset' | 'demo.install'

const SPEED_KEPT_AT = 'iron-cage.demo-speed'
const HIDDEN_KEPT_AT = 'iron-cage.demo-strip-hidden'
const TRY_AGAIN_MS = 1_000

function readKept<T>(read: () => T, usual: T): T {
  try {
    return read()
  } catch {
    return usual
  }
}

function keep(write: () => void): void {
  try {
    write()
  } catch {
    // Then it lasts as long as the page does.
  }
}

/** How the demo stands, for whoever presents it; a viewer's page never asks. */
export const useDemoStore = defineStore('demo', () => {
  const connection = useRoomConnection()
  const room = useRoomStore()
  const agents = useAgentsStore()
  const notices = useNoticesStore()

  /** Null as long as nobody knows, and for everybody who may not. */
  const demo = shallowRef<Demo | null>(null)
  /** Why nobody knows, in the room's own words. */
  const problem = shallowRef<string | null>(null)
  const underWay = shallowRef<ReadonlySet<Deed>>(new Set())
  const isCardOpen = shallowRef(false)
  const speed = shallowRef<DemoSpeed>(readKept(() => readSpeed(localStorage.getItem(SPEED_KEPT_AT)), null) ?? 1)
  /** Of this page alone: another one may be what the audience sees. */
  const isHidden = shallowRef(readKept(() => sessionStorage.getItem(HIDDEN_KEPT_AT) === 'yes', false))

  const hasRun = computed(() => (demo.value?.run ?? null) !== null)
  const isStripShown = computed(() => hasRun.value && !isHidden.value)

  let following: Following | null = null
  let era = 0
  let callOff: () => void = () => {}

  function stop(): void {
    era += 1
    callOff()
    following?.close()
    following = null
  }

  function follow(): void {
    stop()
    const own = era
    following = connection.client.follow('demo.follow', {}, {
      onItem(item) {
        if (own !== era) return
        demo.value = item
        problem.value = null
      },
      onEnd(error) {
        if (own !== era) return
        following = null
        // A lost connection announces itself.
        if (connection.state().kind !== 'open') return
        problem.value = error?.message ?? null
        if (error?.code !== 'FORBIDDEN') callOff = browserTiming.after(TRY_AGAIN_MS, follow)
      },
    })
  }

  watch(
    () => room.isAdmin && room.isOpen,
    (may) => (may ? follow() : stop()),
    { immediate: true, flush: 'sync' },
  )
  watch(
    () => room.isAdmin,
    (is) => {
      if (is) return
      demo.value = null
      isCardOpen.value = false
    },
    { flush: 'sync' },
  )
  onScopeDispose(stop)

  /** What follows tells in order; an answer may come after what has changed since. */
  function take(answer: Demo): void {
    if (demo.value === null || answer.at >= demo.value.at) demo.value = answer
  }

  async function request<N extends Deed>(name: N, input: CommandInput<N>): Promise<void> {
    take((await connection.client.request(name, input)) as Demo)
  }

  /** One of a kind at a time; a refusal is told where all are. */
  async function attempt<N extends Deed>(name: N, input: CommandInput<N>): Promise<void> {
    if (underWay.value.has(name)) return
    underWay.value = new Set(underWay.value).add(name)
    try {
      await request(name, input)
    } catch (refused) {
      notices.fail(refused)
    } finally {
      underWay.value = new Set([...underWay.value].filter((one) => one !== name))
    }
  }

  /** In front like any agent that was started here. */
  async function show(agentId: AgentId): Promise<void> {
    agents.showStarted(await connection.client.request('agent.status', { agentId }))
  }

  /** From the card: what was changed is said, and then it starts; what is left of the last run goes. Rejects with the room's sentence. */
  async function start(changes: readonly TriggerChange[]): Promise<void> {
    for (const change of changes) await request('demo.change', change)
    const started = await connection.client.request('demo.start', { speed: speed.value })
    take(started)
    if (started.run) await show(started.run.agentId)
  }

  /** From the card, when one is there already: it goes on where it was interrupted, and stands in front. */
  async function resume(): Promise<void> {
    if (demo.value?.run?.phase === 'interrupted') await request('demo.goOn', {})
    if (demo.value?.run) await show(demo.value.run.agentId)
  }

  /** Which Python there is, the room looks anew each time. */
  async function openCard(): Promise<void> {
    isCardOpen.value = true
    try {
      take(await connection.client.request('demo.show', {}))
    } catch (refused) {
      problem.value = messageOf(refused)
    }
  }

  return {
    demo,
    problem,
    underWay,
    hasRun,
    isStripShown,
    isHidden,
    speed,
    isCardOpen,
    start,
    resume,
    install: () => request('demo.install', {}),
    pace: (input: CommandInput<'demo.pace'>) => attempt('demo.pace', input),
    change: (input: CommandInput<'demo.change'>) => attempt('demo.change', input),
    fire: (input: CommandInput<'demo.fire'>) => attempt('demo.fire', input),
    goOn: () => attempt('demo.goOn', {}),
    reset: () => attempt('demo.reset', {}),
    openCard,
    closeCard: () => {
      isCardOpen.value = false
    },
    toggleStrip: () => {
      isHidden.value = !isHidden.value
      keep(() => (isHidden.value ? sessionStorage.setItem(HIDDEN_KEPT_AT, 'yes') : sessionStorage.removeItem(HIDDEN_KEPT_AT)))
    },
    choose: (next: DemoSpeed) => {
      speed.value = next
      keep(() => localStorage.setItem(SPEED_KEPT_AT, String(next)))
    },
  }
})

