/** A row that has more below it than a line. */
export interface Unfolded {
  readonly index: number
  /** Of what is below the line, in pixels. */
  readonly height: number
}

export interface Rows {
  readonly count: number
  readonly rowHeight: number
  /** In the order of their indices. */
  readonly unfolded: readonly Unfolded[]
}

export function offsetOf(index: number, { rowHeight, unfolded }: Rows): number {
  return unfolded.reduce((sum, one) => (one.index < index ? sum + one.height : sum), index * rowHeight)
}

export function heightOf(rows: Rows): number {
  return offsetOf(rows.count, rows)
}

/** The row that stands at this offset, or the nearest. */
export function indexAt(offset: number, { count, rowHeight, unfolded }: Rows): number {
  let above = 0
  for (const { index, height } of unfolded) {
    const below = (index + 1) * rowHeight + above
    if (offset < below) break
    if (offset < below + height) return index
    above += height
  }
  return Math.max(0, Math.min(count - 1, Math.floor((offset - above) / rowHeight)))
}

export interface RowWindow {
  readonly first: number
  /** The one after the last. */
  readonly end: number
}

/** Rows are drawn in blocks, so that a page is not drawn anew at each of them. */
const BLOCK = 8

/** What has to be drawn for what is in sight, with a little more on both sides. */
export function windowOf(scrollTop: number, height: number, rows: Rows): RowWindow {
  const first = Math.floor(indexAt(scrollTop, rows) / BLOCK) * BLOCK
  const end = Math.ceil((indexAt(scrollTop + height, rows) + 1) / BLOCK) * BLOCK
  return { first: Math.max(0, first - BLOCK), end: Math.min(rows.count, end + BLOCK) }
}
