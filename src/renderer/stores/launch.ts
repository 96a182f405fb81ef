import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef } from 'vue'
import type { CommandOutput } from '../../shared/contract/contract.ts'
import type { ExplainedSetting } from '../../shared/contract/launch.ts'
import type { Agent, LaunchPlan } from '../../shared/domain/agent.ts'
import { AppError, messageOf } from '../../shared/errors.ts'
import { choicesOf, editsOf, toLaunchRequest, type LaunchEdits, type LaunchField } from '@/launch/launchDraft.ts'
import { useRoomConnection } from '@/room/connection.ts'
import { browserTiming } from '@/room/timing.ts'
import { useNoticesStore } from './notices.ts'

export type RecentScript = CommandOutput<'launch.recent'>['scripts'][number]

export interface LaunchDraft {
  readonly script: string
  readonly edits: LaunchEdits
  /** What was chosen when it was started last. */
  readonly remembered: LaunchEdits
  /** What would run; null until the room has looked at it. */
  readonly plan: LaunchPlan | null
  readonly settings: readonly ExplainedSetting[]
  /** Why it cannot start as it stands, and the field that was changed last before. */
  readonly problem: { readonly field: LaunchField | null; readonly sentence: string } | null
}

/** Long enough not to ask at each key, short enough to answer before the eye has moved on. */
const TYPING_PAUSE_MS = 150

/** From a file or a recent script to a running agent. */
export const useLaunchStore = defineStore('launch', () => {
  const connection = useRoomConnection()
  const { client } = connection
  const notices = useNoticesStore()
  const draft = shallowRef<LaunchDraft | null>(null)
  const isTaking = shallowRef(false)
  const isStarting = shallowRef(false)
  const recent = shallowRef<readonly RecentScript[]>([])
  /** Said no to the start itself: what was wrong may stand elsewhere, or be over. */
  const isRefused = shallowRef(false)
  const canStart = computed(() => draft.value !== null && draft.value.plan !== null && (draft.value.problem === null || isRefused.value) && !isStarting.value)

  /** Counts looks: an answer that comes after the next question is old. */
  let look = 0
  let callOff: () => void = () => {}
  /** A look that got no answer, for there was no connection. */
  let lost: { readonly field: LaunchField | null } | null = null

  /** The notice about files that could not be taken. It would lie over the next card. */
  let refusal: number | null = null

  function withdrawRefusal(): void {
    if (refusal !== null) notices.close(refusal)
    refusal = null
  }

  async function inspect(field: LaunchField | null): Promise<void> {
    callOff()
    lost = null
    isRefused.value = false
    const asked = draft.value
    if (!asked) return
    const own = ++look
    try {
      const { plan, settings } = await client.request('launch.inspect', toLaunchRequest(asked.script, asked.edits))
      if (own === look && draft.value) draft.value = { ...draft.value, plan, settings, problem: null }
    } catch (problem) {
      if (own !== look || !draft.value) return
      draft.value = { ...draft.value, problem: { field, sentence: messageOf(problem) } }
      if (problem instanceof AppError && problem.code === 'UNAVAILABLE') lost = { field }
    }
  }

  onScopeDispose(
    connection.onState((state) => {
      if (state.kind === 'open' && lost) void inspect(lost.field)
    }),
  )

  async function open(script: string): Promise<void> {
    withdrawRefusal()
    callOff()
    const own = ++look
    draft.value = { script, edits: {}, remembered: {}, plan: null, settings: [], problem: null }
    const remembered = await recall(script)
    if (own !== look || !draft.value) return
    // What was typed meanwhile stays.
    draft.value = { ...draft.value, edits: { ...remembered, ...draft.value.edits }, remembered }
    await inspect(null)
  }

  async function recall(script: string): Promise<LaunchEdits> {
    try {
      return editsOf((await client.request('launch.remembered', { script })).choices)
    } catch {
      // Then the card begins with what configuration says.
      return {}
    }
  }

  async function openFiles(files: readonly File[]): Promise<void> {
    if (isTaking.value) return
    isTaking.value = true
    withdrawRefusal()
    try {
      await open(await connection.takeFiles(files))
    } catch (problem) {
      refusal = notices.fail(problem)
    } finally {
      isTaking.value = false
    }
  }

  function edit(field: LaunchField, text: string): void {
    if (!draft.value) return
    draft.value = { ...draft.value, edits: { ...draft.value.edits, [field]: text } }
    isRefused.value = false
    callOff()
    callOff = browserTiming.after(TYPING_PAUSE_MS, () => void inspect(field))
  }

  /** Leaves a field to configuration again, or all of them. */
  function reset(field: LaunchField | null): void {
    if (!draft.value) return
    const rest = Object.entries(draft.value.edits).filter(([name]) => field !== null && name !== field)
    draft.value = { ...draft.value, edits: Object.fromEntries(rest) }
    void inspect(field)
  }

  /** Another script may have been opened from outside meanwhile. */
  const isAbout = ({ script }: LaunchDraft): boolean => draft.value?.script === script

  /** Resolves with the agent, or with null when it could not be started; the card says why. */
  async function start(size: { columns: number; rows: number } | null): Promise<Agent | null> {
    const asked = draft.value
    if (!asked || isStarting.value) return null
    callOff()
    look += 1
    isStarting.value = true
    try {
      const agent = await client.request('agent.start', { ...toLaunchRequest(asked.script, asked.edits), ...size })
      if (isAbout(asked)) close()
      // It runs, whether or not the next card will know.
      client.request('launch.remember', { script: agent.plan.script, choices: choicesOf(asked.edits) }).catch(() => {})
      return agent
    } catch (problem) {
      if (!draft.value || !isAbout(asked)) {
        notices.fail(problem)
        return null
      }
      const field = problem instanceof AppError && problem.code === 'UNAVAILABLE' ? null : (draft.value.problem?.field ?? null)
      draft.value = { ...draft.value, problem: { field, sentence: messageOf(problem) } }
      isRefused.value = true
      return null
    } finally {
      isStarting.value = false
    }
  }

  function close(): void {
    callOff()
    look += 1
    draft.value = null
  }

  async function loadRecent(): Promise<void> {
    try {
      recent.value = (await client.request('launch.recent', {})).scripts
    } catch (problem) {
      if (!(problem instanceof AppError) || problem.code !== 'UNAVAILABLE') notices.fail(problem)
    }
  }

  return { draft, isTaking, isStarting, recent, canStart, open, openFiles, edit, reset, start, close, loadRecent }
})
