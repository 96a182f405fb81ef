/** The last stretch of what a terminal showed, addressed by offsets that never go back. */
export interface OutputRing {
  append(data: string): void
  /** Offset of the oldest character still held, and one past the newest. */
  readonly start: number
  readonly end: number
  /** From an offset on, whole chunks up to about so many characters; empty at the end. The offset must lie within start…end. */
  read(from: number, atLeast: number): string
  /** All that is held. */
  text(): string
}

export function createOutputRing(capacity: number): OutputRing {
  let chunks: { offset: number; data: string }[] = []
  /** Chunks before it are given up; the array is cut now and then, not at each append. */
  let first = 0
  let start = 0
  let end = 0

  /** Index of the chunk that holds an offset. */
  function indexOf(offset: number): number {
    let low = first
    let high = chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((chunks[middle]?.offset ?? Infinity) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  return {
    get start() {
      return start
    },
    get end() {
      return end
    },
    append(data) {
      if (data === '') return
      chunks.push({ offset: end, data })
      end += data.length
      while (end - start > capacity && first < chunks.length - 1) {
        first++
        start = chunks[first]?.offset ?? end
      }
      if (first > 1000 && first > chunks.length / 2) {
        chunks = chunks.slice(first)
        first = 0
      }
    },
    read(from, atLeast) {
      if (from >= end || from < start) return ''
      let index = indexOf(from)
      const head = chunks[index]
      if (!head) return ''
      let text = head.data.slice(from - head.offset)
      for (index++; index < chunks.length && text.length < atLeast; index++) text += chunks[index]?.data ?? ''
      return text
    },
    text() {
      return chunks
        .slice(first)
        .map((chunk) => chunk.data)
        .join('')
    },
  }
}
