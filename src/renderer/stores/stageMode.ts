import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { AppError } from '../../shared/errors.ts'
import { wearStage } from '@/appearance/look.ts'
import { useNoticesStore } from './notices.ts'
import { useStageStore } from './stage.ts'

const KEPT_AT = 'iron-cage.on-stage-since'

function readKept(): number | null {
  try {
    const kept = Number(sessionStorage.getItem(KEPT_AT))
    return kept > 0 ? kept : null
  } catch {
    return null
  }
}

/** Where the browser does not let the page fill the screen, stage mode is as good without. */
const quietly = (attempt: Promise<void> | undefined): void => void attempt?.catch(() => {})

/** This page in front of an audience. Secrets are locked for everybody then, by the room itself. */
export const useStageModeStore = defineStore('stageMode', () => {
  const stage = useStageStore()
  const notices = useNoticesStore()

  /** A page that is loaded again in the middle of a talk is still on stage. */
  const since = shallowRef<number | null>(readKept())
  const isOn = computed(() => since.value !== null)
  /** What has to be asked first: for the password to lock with, or to unlock with. */
  const question = shallowRef<'enter' | 'leave' | null>(null)

  watch(isOn, wearStage, { immediate: true, flush: 'sync' })
  watch(
    since,
    (now) => {
      try {
        if (now === null) sessionStorage.removeItem(KEPT_AT)
        else sessionStorage.setItem(KEPT_AT, String(now))
      } catch {
        // Then it lasts as long as the page does.
      }
    },
    { flush: 'sync' },
  )

  function enter(): void {
    question.value = null
    since.value = Date.now()
    if (!document.fullscreenElement) quietly(document.documentElement.requestFullscreen?.())
  }

  function leave(): void {
    question.value = null
    since.value = null
    if (document.fullscreenElement) quietly(document.exitFullscreen?.())
  }

  async function lockAndEnter(password: string | null): Promise<void> {
    if (!stage.isLocked) await stage.lock(password)
    enter()
  }

  async function unlockAndLeave(password: string): Promise<void> {
    await stage.unlock(password)
    leave()
  }

  /** Who may not reveal secrets has nothing to lock. */
  async function toggle(): Promise<void> {
    // Whoever goes before the room has said so would go with secrets unlocked.
    if (!isOn.value && stage.status === null) {
      await stage.view.load()
      if (stage.status === null) return void notices.fail(new AppError('UNAVAILABLE', 'The room has not said yet whether its secrets can be locked. Go on stage once it is connected.'))
    }
    const mayLock = stage.status?.canUnlock ?? false
    if (question.value !== null) question.value = null
    else if (isOn.value) {
      if (stage.isLocked && mayLock) question.value = 'leave'
      else leave()
    } else if (!mayLock || stage.isLocked) enter()
    else if (stage.status?.needsPassword) question.value = 'enter'
    else await lockAndEnter(null).catch(notices.fail)
  }

  return {
    since,
    isOn,
    question,
    toggle,
    leave,
    lockAndEnter,
    unlockAndLeave,
    dismiss: () => {
      question.value = null
    },
  }
})
