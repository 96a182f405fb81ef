import { computed, type ComputedRef } from 'vue'
import { useClockStore } from '@/stores/clock.ts'
import { useDemoStore } from '@/stores/demo.ts'
import { useRoomStore } from '@/stores/room.ts'
import { secondsToDue, secondsToNext } from './countdown.ts'

export interface DemoCountdown {
  readonly nextIn: ComputedRef<number | null>
  readonly dueIn: ComputedRef<number | null>
}

/** In whole seconds by the page's clock; it stands still with what it counts, and while the room does not answer. */
export function useDemoCountdown(): DemoCountdown {
  const store = useDemoStore()
  const room = useRoomStore()
  const clock = useClockStore()
  const now = (): number => room.lostAt ?? clock.now
  return { nextIn: computed(() => secondsToNext(store.demo, now)), dueIn: computed(() => secondsToDue(store.demo, now)) }
}
