import { ref, watch, type Ref } from 'vue'
import { keep, readKept } from '@/lib/keptHere.ts'

const KEY = 'iron-cage.terminal.font-size'
const USUAL = 13
const SMALLEST = 10
const LARGEST = 24

export function clampFontSize(size: number): number {
  return Math.min(LARGEST, Math.max(SMALLEST, Math.round(size)))
}

/** The size of type in every terminal, remembered on this machine. */
export function useFontSize(): { fontSize: Ref<number>; change: (by: number) => void; reset: () => void } {
  const kept = Number(readKept(KEY))
  const fontSize = ref(kept > 0 ? clampFontSize(kept) : USUAL)
  watch(fontSize, (size) => keep(KEY, String(size)))
  return {
    fontSize,
    change: (by) => (fontSize.value = clampFontSize(fontSize.value + by)),
    reset: () => (fontSize.value = USUAL),
  }
}
