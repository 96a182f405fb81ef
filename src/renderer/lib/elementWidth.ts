import { onScopeDispose, readonly, shallowRef, watch, type Ref, type ShallowRef } from 'vue'

/** How wide an element is drawn; null until it has been. */
export function useElementWidth(element: Readonly<Ref<Element | null>>): Readonly<ShallowRef<number | null>> {
  const width = shallowRef<number | null>(null)
  if (typeof ResizeObserver === 'undefined') return width
  const observer = new ResizeObserver((entries) => {
    const now = entries.at(-1)?.contentRect.width
    // What is hidden for a while is not narrow for that.
    if (now) width.value = now
  })
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now) observer.observe(now)
    },
    { immediate: true, flush: 'post' },
  )
  onScopeDispose(() => observer.disconnect())
  return readonly(width)
}
