import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowReadonly, shallowRef, watch } from 'vue'
import type { Settings } from '../../shared/contract/settings.ts'
import type { AlertChannel } from '../../shared/domain/alert.ts'
import type { Event } from '../../shared/domain/event.ts'
import { AppError, messageOf } from '../../shared/errors.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { fileValueOf, isSameDraft, toChange, type Draft } from '@/settings/settingDraft.ts'
import { createAtMostEvery } from './atMostEvery.ts'

export interface TestOutcome {
  readonly isUnderWay: boolean
  /** Where it went; null while it has not. */
  readonly target: string | null
  readonly problem: string | null
}

const ASK_EVERY_MS = 500
/** Long enough not to ask at each key, short enough to answer before the eye has moved on. */
const TYPING_PAUSE_MS = 200

/** The user settings and what is typed over them. Nothing is written before somebody saves. */
export const useSettingsStore = defineStore('settings', () => {
  const connection = useRoomConnection()
  const { client } = connection

  const isWatched = shallowRef(false)
  const settings = shallowRef<Settings | null>(null)
  /** Why there is nothing to show, such as a file that does not hold. */
  const problem = shallowRef<string | null>(null)
  const drafts = shallowRef<ReadonlyMap<string, Draft>>(new Map())
  const refusals = shallowRef<ReadonlyMap<string, string>>(new Map())
  const isSaving = shallowRef(false)
  /** What kept all of them from being saved, where it is no single one's fault. */
  const saveProblem = shallowRef<string | null>(null)
  const savedCount = shallowRef(0)
  const tests = shallowRef<Readonly<Partial<Record<AlertChannel, TestOutcome>>>>({})
  const canSave = computed(() => drafts.value.size > 0 && refusals.value.size === 0 && !isSaving.value)

  let era = 0
  async function load(): Promise<void> {
    if (!isWatched.value) return
    const own = ++era
    try {
      const answer = await client.request('settings.list', {})
      if (own === era) take(answer)
    } catch (failure) {
      if (own === era && connection.state().kind === 'open') problem.value = messageOf(failure)
    }
  }
  const refreshing = createAtMostEvery(ASK_EVERY_MS, browserTiming, () => void load())
  onScopeDispose(refreshing.stop)
  watch(isWatched, (isIt) => {
    if (isIt) void load()
  })

  function take(answer: Settings): void {
    settings.value = answer
    problem.value = null
    // What somebody else has made of it meanwhile is no change any more.
    const left = [...drafts.value].filter(([key, draft]) => !isSameDraft(draft, written(key)))
    if (left.length !== drafts.value.size) drafts.value = new Map(left)
  }

  const written = (key: string): Draft => {
    const view = settings.value?.settings.find((one) => one.key === key)
    return view ? fileValueOf(view) : null
  }

  const timers = new Map<string, () => void>()
  onScopeDispose(() => {
    for (const callOff of timers.values()) callOff()
  })

  function edit(key: string, draft: Draft): void {
    const next = new Map(drafts.value)
    if (isSameDraft(draft, written(key))) next.delete(key)
    else next.set(key, draft)
    drafts.value = next
    refuse(key, null)
    saveProblem.value = null
    savedCount.value = 0
    timers.get(key)?.()
    if (next.has(key)) timers.set(key, browserTiming.after(TYPING_PAUSE_MS, () => void check(key)))
  }

  function refuse(key: string, sentence: string | null): void {
    const next = new Map(refusals.value)
    if (sentence === null) next.delete(key)
    else next.set(key, sentence)
    refusals.value = next
  }

  async function check(key: string): Promise<void> {
    const draft = drafts.value.get(key)
    if (draft === undefined) return
    try {
      const { problem: sentence } = await client.request('settings.check', toChange(key, draft))
      if (drafts.value.get(key) === draft) refuse(key, sentence)
    } catch {
      // Whoever saves it hears what is wrong.
    }
  }

  function discard(): void {
    for (const callOff of timers.values()) callOff()
    drafts.value = new Map()
    refusals.value = new Map()
    saveProblem.value = null
  }

  async function save(): Promise<void> {
    const asked = settings.value
    if (!canSave.value || asked === null) return
    isSaving.value = true
    saveProblem.value = null
    const sent = drafts.value
    try {
      const answer = await client.request('settings.change', { changes: [...sent].map(([key, draft]) => toChange(key, draft)), revision: asked.revision })
      era += 1
      // What was typed meanwhile waits for the next time.
      drafts.value = new Map([...drafts.value].filter(([key, draft]) => sent.get(key) !== draft))
      savedCount.value = sent.size
      take(answer)
    } catch (failure) {
      const key = keyOf(failure)
      if (key !== null && sent.has(key)) refuse(key, messageOf(failure))
      else saveProblem.value = messageOf(failure)
      // It was another file than was looked at: what was typed stays.
      if (failure instanceof AppError && failure.code === 'CONFLICT') refreshing.ask()
    } finally {
      isSaving.value = false
    }
  }

  async function sendTest(channel: AlertChannel): Promise<void> {
    if (tests.value[channel]?.isUnderWay) return
    const tell = (outcome: TestOutcome): void => {
      tests.value = { ...tests.value, [channel]: outcome }
    }
    tell({ isUnderWay: true, target: null, problem: null })
    try {
      const { target } = await client.request('alert.test', { channel })
      tell({ isUnderWay: false, target, problem: null })
    } catch (failure) {
      tell({ isUnderWay: false, target: null, problem: messageOf(failure) })
    }
  }

  function receive(events: readonly Event[]): void {
    if (isWatched.value && events.some(({ name }) => name === 'settings.changed' || name === 'room.started')) refreshing.ask()
  }

  return {
    view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load, receive }),
    isWatched,
    settings,
    problem,
    drafts: shallowReadonly(drafts),
    refusals: shallowReadonly(refusals),
    isSaving,
    saveProblem,
    savedCount,
    tests,
    canSave,
    load,
    edit,
    discard,
    save,
    sendTest,
  }
})

function keyOf(failure: unknown): string | null {
  const details = failure instanceof AppError ? failure.details : undefined
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return null
  return typeof details['key'] === 'string' ? details['key'] : null
}
