export type Segment = string | number

/** Where a string stands in a JSON text: `messages[3].content`. */
export interface JsonPlace {
  /** Names as they stand there. */
  readonly segments: readonly Segment[]
  /** Indices of segments in which something private was found. */
  readonly hidden: ReadonlySet<number>
}

const PLAIN_NAME = /^[A-Za-z_$][\w$-]{0,59}$/
/** What lies deeper is told by its beginning and its end. */
const MOST_SEGMENTS = 12

/** For people and for records: nothing private stands in it, whatever the names are. */
export function printPath({ segments, hidden }: JsonPlace): string {
  const printed = segments.map((segment, index) => {
    if (typeof segment === 'number') return `[${segment}]`
    return PLAIN_NAME.test(segment) && !hidden.has(index) ? `.${segment}` : '.*'
  })
  const half = MOST_SEGMENTS / 2
  const all = printed.length > MOST_SEGMENTS ? [...printed.slice(0, half), '.…', ...printed.slice(-half)] : printed
  const path = all.join('')
  return path.startsWith('.') ? path.slice(1) : path
}
