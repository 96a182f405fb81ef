import type { Dice } from './dice.ts'

const MOST_CHARACTERS = 500
const DEEPEST = 20
/** Repetitions of repetitions of nothing take their time too. */
const MOST_STEPS = 5_000

/**
 * A text for the usual kinds of regular expression; null for an unusual one (look-around, back-reference).
 * The expression itself is never run: whoever wrote it could make it run for hours.
 */
export function textForPattern(pattern: string, dice: Dice): string | null {
  let at = 0
  let length = 0
  let steps = 0
  try {
    const text = alternatives(0)
    return at === pattern.length ? text : null
  } catch (problem) {
    if (problem instanceof Unusual) return null
    throw problem
  }

  function alternatives(depth: number): string {
    if (depth > DEEPEST) throw new Unusual()
    // The first alternative is taken; the others are read over.
    const first = sequence(depth)
    while (pattern[at] === '|') {
      at++
      const before = length
      sequence(depth)
      length = before
    }
    return first
  }

  function sequence(depth: number): string {
    let text = ''
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      const start = at
      const one = atom(depth)
      const times = repetitions()
      for (let index = 0; index < times; index++) {
        // Each repetition throws its own dice.
        const end = at
        at = start
        text += index === 0 ? one : atom(depth)
        at = end
        length += one.length
        if (length > MOST_CHARACTERS) throw new Unusual()
      }
    }
    return text
  }

  function atom(depth: number): string {
    if (++steps > MOST_STEPS) throw new Unusual()
    const letter = pattern[at++] ?? ''
    if (letter === '^' || letter === '$') return ''
    if (letter === '.') return dice.pick(['a', 'b', 'c'])
    if (letter === '[') return oneOf(set())
    if (letter === '\\') return oneOf(escaped())
    if (letter === '(') {
      if (pattern[at] === '?') {
        if (pattern[at + 1] !== ':') throw new Unusual()
        at += 2
      }
      const inner = alternatives(depth + 1)
      if (pattern[at++] !== ')') throw new Unusual()
      return inner
    }
    if ('*+?{}'.includes(letter)) throw new Unusual()
    return letter
  }

  function repetitions(): number {
    const letter = pattern[at]
    let times = 1
    if (letter === '?' || letter === '*') {
      at++
      times = 1
    } else if (letter === '+') {
      at++
      times = 1 + dice.below(3)
    } else if (letter === '{') {
      const bounds = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(pattern.slice(at, at + 12))
      if (!bounds) throw new Unusual()
      at += bounds[0].length
      times = Number(bounds[1])
      const most = bounds[3] ? Number(bounds[3]) : times
      if (times === 0 && most > 0) times = 1
    }
    if (pattern[at] === '?') at++
    return times
  }

  function escaped(): string {
    const letter = pattern[at++]
    if (letter === 'd') return '0123456789'
    if (letter === 'w') return 'abcdefghijklmnopqrstuvwxyz0123456789_'
    if (letter === 's') return ' '
    if (letter === 'D' || letter === 'S') return 'abcdefgh'
    if (letter === 'W') return '-'
    if (letter === undefined || /[a-zA-Z0-9]/.test(letter)) throw new Unusual()
    return letter
  }

  function set(): string {
    const isNegated = pattern[at] === '^'
    if (isNegated) at++
    let letters = ''
    while (at < pattern.length && pattern[at] !== ']') {
      // Only some of what these stand for is known, which is not enough to leave it all out.
      if (isNegated && /^\\[DSW]/.test(pattern.slice(at, at + 2))) throw new Unusual()
      const from = pattern[at] === '\\' ? (at++, escaped()) : (pattern[at++] ?? '')
      const to = pattern[at + 1]
      if (pattern[at] === '-' && to !== undefined && to !== ']' && from.length === 1) {
        at += 2
        for (let code = from.charCodeAt(0); code <= to.charCodeAt(0) && letters.length < 200; code++) letters += String.fromCharCode(code)
      } else letters += from
    }
    if (pattern[at++] !== ']') throw new Unusual()
    return isNegated ? [...'abcdefghijklmnopqrstuvwxyz0123456789 '].filter((letter) => !letters.includes(letter)).join('') : letters
  }

  function oneOf(letters: string): string {
    if (letters === '') throw new Unusual()
    return letters[dice.below(letters.length)] ?? ''
  }
}

class Unusual extends Error {}
