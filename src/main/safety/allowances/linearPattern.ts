/** A regular expression whose time grows with the text only, whatever it is and whatever it is tried on. */
export interface LinearPattern {
  /** Whether it is found anywhere in the text; capitals and small letters are one. */
  test(text: string): boolean
}

type Node =
  | { readonly kind: 'one'; readonly is: RegExp }
  | { readonly kind: 'place'; readonly at: 'start' | 'end' }
  | { readonly kind: 'chain'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly ways: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }

/** Steps of the compiled pattern; `next` is where a step leads. */
type Step =
  | { readonly kind: 'one'; readonly is: RegExp; readonly next: number }
  | { readonly kind: 'place'; readonly at: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'fork'; ways: readonly number[] }
  | { readonly kind: 'found' }

const MOST_STEPS = 2_000
const MOST_DEPTH = 50
const TOO_MUCH = 'it is too long, or repeats too much too often'

/** Throws an error with a sentence where there is no such pattern, or none that can be tried in linear time. */
export function compileLinearPattern(source: string): LinearPattern {
  const steps: Step[] = [{ kind: 'found' }]
  const first = compile(parse(source), steps)
  return { test: (text) => isFound(steps, first, text) }
}

function parse(source: string): Node {
  // Says what is no regular expression at all.
  new RegExp(source, 'u')
  let at = 0

  function either(depth: number): Node {
    if (depth > MOST_DEPTH) throw new Error('its parentheses are nested too deeply')
    const ways = [chain(depth)]
    while (source[at] === '|') {
      at++
      ways.push(chain(depth))
    }
    return ways.length === 1 ? ways[0]! : { kind: 'either', ways }
  }

  function chain(depth: number): Node {
    const parts: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(atom(depth)))
    return { kind: 'chain', parts }
  }

  function repeated(part: Node): Node {
    const counted = /^\{(\d+)(,?)(\d*)\}/.exec(source.slice(at))
    const sign = source[at]
    if (counted) {
      const [written, least, comma, most] = counted
      at += written.length
      skipLazy()
      return { kind: 'repeat', part, least: Number(least), most: comma === '' ? Number(least) : most === '' ? Infinity : Number(most) }
    }
    if (sign !== '*' && sign !== '+' && sign !== '?') return part
    at++
    skipLazy()
    return { kind: 'repeat', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
  }

  function skipLazy(): void {
    if (source[at] === '?') at++
  }

  function atom(depth: number): Node {
    const begin = at
    const character = source[at]
    if (character === '(') return group(depth)
    if (character === '^' || character === '$') {
      at++
      return { kind: 'place', at: character === '^' ? 'start' : 'end' }
    }
    if (character === '[') at = classEnd(source, at)
    else if (character === '\\') at = escapeEnd(source, at)
    else at += source.codePointAt(at)! > 0xffff ? 2 : 1
    return { kind: 'one', is: new RegExp(`^(?:${source.slice(begin, at)})$`, 'isu') }
  }

  function group(depth: number): Node {
    const opening = /^\((?:\?:|\?<[^=!>][^>]*>|(?!\?))/.exec(source.slice(at))?.[0]
    if (opening === undefined) throw new Error('it looks ahead or behind, which is not done here')
    at += opening.length
    const inside = either(depth + 1)
    at++
    return inside
  }

  return either(0)
}

function classEnd(source: string, from: number): number {
  let at = from + 1
  while (source[at] !== ']') at += source[at] === '\\' ? 2 : 1
  return at + 1
}

function escapeEnd(source: string, from: number): number {
  const kind = source[from + 1]!
  if (/[1-9kbB]/.test(kind)) throw new Error(`it has \\${kind}, which is not known here`)
  if (kind === 'p' || kind === 'P' || (kind === 'u' && source[from + 2] === '{')) return source.indexOf('}', from) + 1
  const pair = /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/.exec(source.slice(from))
  if (pair) return from + 12
  return from + (kind === 'u' ? 6 : kind === 'x' ? 4 : kind === 'c' ? 3 : 2)
}

function compile(root: Node, steps: Step[]): number {
  let effort = 0

  /** Adds the steps that read the node and then go on at `next`; gives the first of them. */
  function lead(node: Node, next: number): number {
    if (++effort > MOST_STEPS) throw new Error(TOO_MUCH)
    if (node.kind === 'chain') return node.parts.reduceRight((after, part) => lead(part, after), next)
    if (node.kind === 'either') return add({ kind: 'fork', ways: node.ways.map((way) => lead(way, next)) }, steps)
    if (node.kind === 'repeat') return repeat(node, next)
    return add({ ...node, next }, steps)
  }

  function repeat({ part, least, most }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let entry = next
    if (most === Infinity) {
      const fork: Step = { kind: 'fork', ways: [] }
      entry = add(fork, steps)
      fork.ways = [lead(part, entry), next]
    } else {
      for (let count = least; count < most; count++) entry = add({ kind: 'fork', ways: [lead(part, entry), next] }, steps)
    }
    for (let count = 0; count < least; count++) entry = lead(part, entry)
    return entry
  }

  return lead(root, 0)
}

function add(step: Step, steps: Step[]): number {
  return steps.push(step) - 1
}

/** Follows all ways at once, so that none is ever gone twice. */
function isFound(steps: readonly Step[], first: number, text: string): boolean {
  const seenAt = new Int32Array(steps.length).fill(-1)
  let now: number[] = []
  let at = 0

  /** Whether the end was reached. */
  function enter(step: number, isEnd: boolean): boolean {
    const open = [step]
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (seenAt[index] === at) continue
      seenAt[index] = at
      const here = steps[index]!
      if (here.kind === 'found') return true
      if (here.kind === 'one') now.push(index)
      else if (here.kind === 'fork') open.push(...here.ways)
      else if (here.at === 'start' ? at === 0 : isEnd) open.push(here.next)
    }
    return false
  }

  const characters = Array.from(text)
  for (const character of characters) {
    if (enter(first, false)) return true
    const before = now
    now = []
    at++
    const isEnd = at === characters.length
    for (const index of before) {
      const step = steps[index]!
      if (step.kind === 'one' && step.is.test(character) && enter(step.next, isEnd)) return true
    }
  }
  return enter(first, true)
}
