import { LOG_PAGE, type EventLine } from '../../shared/domain/eventFilter.ts'

/** Pages that stay here after they have been in sight. */
const MOST_KEPT = 40
const MOST_UNDER_WAY = 3

export interface LogPagesOptions {
  readonly count: number
  /** The place at which each page begins. */
  readonly pages: readonly number[]
  readonly fetch: (after: number) => Promise<readonly EventLine[]>
  /** Lines that were waited for have come. */
  readonly onLines: () => void
  /** The list is no longer what it was: some of it is forgotten. */
  readonly onLost: () => void
}

/** A list far too long for a page, of which only what is in sight is here. It grows at its end only: what stands at an index stays there. */
export interface LogPages {
  count(): number
  /** Null while it is on its way. */
  line(index: number): EventLine | null
  append(lines: readonly EventLine[]): void
  /** These are to be seen; what was wanted before and has not been asked for is wanted no more. */
  want(first: number, last: number): void
}

const pageOf = (index: number): number => Math.floor(index / LOG_PAGE)

export function createLogPages({ count: countAtFirst, pages, fetch, onLines, onLost }: LogPagesOptions): LogPages {
  const starts = [...pages]
  let count = countAtFirst
  /** In the order in which they were in sight. */
  const kept = new Map<number, readonly EventLine[]>()
  /** What came since, of the page at the end. */
  let tail: EventLine[] = []
  const underWay = new Set<number>()
  let wanted: readonly number[] = []
  let isLost = false

  function line(index: number): EventLine | null {
    const tailStart = count - tail.length
    if (index >= tailStart) return tail[index - tailStart] ?? null
    return kept.get(pageOf(index))?.[index % LOG_PAGE] ?? null
  }

  function keep(page: number, lines: readonly EventLine[]): void {
    kept.delete(page)
    kept.set(page, lines)
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break
      kept.delete(oldest)
    }
  }

  /** The page at the end is full: it becomes one like any other. */
  function closeTail(): void {
    const page = pageOf(count - 1)
    const before = kept.get(page)?.slice(0, LOG_PAGE - tail.length) ?? []
    const lines = [...before, ...tail]
    tail = []
    if (lines.length === LOG_PAGE) keep(page, lines)
    else kept.delete(page)
  }

  /** How many of its lines are not in the tail. */
  function lengthOf(page: number): number {
    return Math.min(LOG_PAGE, count - tail.length - page * LOG_PAGE)
  }

  function isHere(page: number): boolean {
    return (kept.get(page)?.length ?? 0) >= lengthOf(page)
  }

  async function load(page: number): Promise<void> {
    const expected = lengthOf(page)
    underWay.add(page)
    try {
      const lines = await fetch((starts[page] ?? 1) - 1)
      if (isLost) return
      if (lines.length < expected || lines[0]?.seq !== starts[page]) {
        isLost = true
        onLost()
        return
      }
      // It may have become full on the way, and then something is missing.
      if (lines.length >= lengthOf(page)) keep(page, lines)
      onLines()
    } catch {
      // Without a connection it stays empty; whoever looks again asks again.
      wanted = []
    } finally {
      underWay.delete(page)
      loadWanted()
    }
  }

  function loadWanted(): void {
    if (isLost) return
    for (const page of wanted) {
      if (underWay.size >= MOST_UNDER_WAY) return
      if (!underWay.has(page) && !isHere(page)) void load(page)
    }
  }

  return {
    count: () => count,
    line,
    append(lines) {
      for (const one of lines) {
        if (count % LOG_PAGE === 0) starts.push(one.seq)
        tail.push(one)
        count += 1
        if (count % LOG_PAGE === 0) closeTail()
      }
    },
    want(first, last) {
      const range: number[] = []
      for (let page = pageOf(Math.max(0, first)); page <= pageOf(Math.min(count - 1, last)); page++) {
        range.push(page)
        const lines = kept.get(page)
        if (lines) keep(page, lines)
      }
      wanted = range
      loadWanted()
    },
  }
}
