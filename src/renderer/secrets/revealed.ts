import { onScopeDispose, watch, type Ref } from 'vue'
import type { SecretView } from '../../shared/domain/secret.ts'
import { useAttempt, type Attempt } from '@/lib/attempt.ts'
import { useFleeting, type Fleeting } from '@/lib/fleeting.ts'
import { browserTiming } from '@/room/timing.ts'

export interface Revealed extends Pick<Fleeting, 'text' | 'until' | 'hide'>, Pick<Attempt, 'isUnderWay' | 'refusal'> {
  reveal(): Promise<void>
}

/** The value of one secret, for as long as it may be seen: it lives here and in what shows it, and nowhere else. */
export function useRevealed(secret: Ref<SecretView>, mayReveal: Ref<boolean>, ask: (secretId: string) => Promise<string>): Revealed {
  const fleeting = useFleeting(browserTiming, window)
  const { isUnderWay, refusal, run, forget } = useAttempt()
  /** Counts what makes an answer that is on its way come too late. */
  let leaves = 0
  const leave = (): void => void leaves++
  window.addEventListener('blur', leave)
  onScopeDispose(() => {
    window.removeEventListener('blur', leave)
    leave()
  })

  async function reveal(): Promise<void> {
    const before = leaves
    await run(async () => {
      const value = await ask(secret.value.id)
      if (before === leaves) fleeting.show(value)
    })
  }

  // Of a value that has changed, or may no longer be seen, nothing stays on the page.
  watch([() => secret.value.id, () => secret.value.version, () => secret.value.deleted_at, mayReveal], () => {
    leave()
    fleeting.hide()
    forget()
  })

  return { text: fleeting.text, until: fleeting.until, hide: fleeting.hide, isUnderWay, refusal, reveal }
}
