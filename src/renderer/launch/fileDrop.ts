import { onBeforeUnmount, onMounted, readonly, shallowRef, type ShallowRef } from 'vue'

/** Watches the whole window for files; whatever else is dropped leads nowhere. */
export function useFileDrop(options: {
  readonly canTake: () => boolean
  readonly onFiles: (files: File[]) => void
}): { isOver: Readonly<ShallowRef<boolean>> } {
  const isOver = shallowRef(false)
  /** Entering a child comes before leaving its parent: only the sum says whether the files are still above the window. */
  let depth = 0

  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

  /** Text may be dropped where text is typed. */
  const isForField = (event: DragEvent): boolean =>
    !hasFiles(event) && event.target instanceof Element && event.target.closest('input, textarea, [contenteditable="true"]') !== null

  function enter(event: DragEvent): void {
    if (!hasFiles(event)) return
    depth += 1
    isOver.value = true
  }

  function leave(event: DragEvent): void {
    if (!hasFiles(event)) return
    depth = Math.max(0, depth - 1)
    if (depth === 0) isOver.value = false
  }

  function over(event: DragEvent): void {
    if (isForField(event)) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = hasFiles(event) && options.canTake() ? 'copy' : 'none'
  }

  function drop(event: DragEvent): void {
    if (isForField(event)) return
    event.preventDefault()
    finish()
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length > 0 && options.canTake()) options.onFiles(files)
  }

  function finish(): void {
    depth = 0
    isOver.value = false
  }

  /** A drag that is called off with Escape sends no last leave in some browsers; the next movement of the mouse shows it. */
  function moved(): void {
    if (isOver.value) finish()
  }

  onMounted(() => {
    window.addEventListener('dragenter', enter)
    window.addEventListener('dragleave', leave)
    window.addEventListener('dragover', over)
    window.addEventListener('drop', drop)
    window.addEventListener('mousemove', moved)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('dragenter', enter)
    window.removeEventListener('dragleave', leave)
    window.removeEventListener('dragover', over)
    window.removeEventListener('drop', drop)
    window.removeEventListener('mousemove', moved)
  })

  return { isOver: readonly(isOver) }
}
