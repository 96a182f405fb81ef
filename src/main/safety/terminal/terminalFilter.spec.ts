import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { PRIVATE_TYPES } from '../../../shared/domain/privateTypes.ts'
import { PrivateType, type CellMode } from '../../../shared/domain/safetyRules.ts'
import { createTestClock, type TestClock } from '../../access/testClock.ts'
import { readCorpus } from '../corpus/readCorpus.ts'
import { createScanner } from '../scan/createScanner.ts'
import type { Judgement, Sighting } from '../desk/safetyDesk.ts'
import type { Scanner } from '../scan/scanner.ts'
import { createTerminalFilter, type FilteredOutput } from './terminalFilter.ts'

const everything = createScanner({ types: new Set(PrivateType.options), secrets: ['invented-correct-horse'] })
let clock: TestClock
let mode: CellMode
let scanner: Scanner
let sightings: Sighting[]
let defects: unknown[]

beforeEach(() => {
  clock = createTestClock()
  mode = 'redact'
  scanner = everything
  sightings = []
  defects = []
})

function judge(sighting: Sighting): Judgement {
  sightings.push(sighting)
  const edits = sighting.matches.map(({ type, start, end }) => ({ start, end, replacement: PRIVATE_TYPES[type].marker }))
  if (mode === 'block') return { edits: [], blocked: 'Private data was found.' }
  return { edits: mode === 'redact' ? edits : [], blocked: null }
}

interface Opened {
  push(...pieces: string[]): Opened
  flush(): Opened
  readonly shown: string
  readonly kept: string
}

function open(): Opened {
  let shown = ''
  let kept = ''
  const output = (piece: FilteredOutput): void => {
    shown += piece.shown
    kept += piece.kept
  }
  const filter = createTerminalFilter({ agentId: 'lg-7a3f9c2d', desk: { scannerFor: () => scanner, judge }, clock, output, onDefect: (defect) => defects.push(defect) })
  const opened: Opened = {
    push(...pieces) {
      for (const piece of pieces) filter.push(piece)
      return opened
    },
    flush() {
      filter.flush()
      return opened
    },
    get shown() {
      return shown
    },
    get kept() {
      return kept
    },
  }
  return opened
}

const filtered = (...pieces: string[]): string => open().push(...pieces).flush().shown

describe('What an agent prints', () => {
  it('goes on at once, and as it is, where nothing in it is private', () => {
    const output = '\u001b[2J\u001b[1;1H\u001b[32mok\u001b[0m 12 of 100\r\n'
    expect(open().push(output)).toMatchObject({ shown: output, kept: output })
  })

  it('has what is private taken out', () => {
    expect(filtered('Contact ceo@acme.com\r\n')).toBe('Contact [EMAIL_REDACTED]\r\n')
    expect(sightings).toMatchObject([{ agentId: 'lg-7a3f9c2d', callId: null, direction: 'terminal', place: 'terminal', matches: [{ type: 'email', value: 'ceo@acme.com' }] }])
    const [{ text, base, matches }] = sightings as [Sighting]
    expect(matches.map(({ start, end }) => text.slice(start - base, end - base))).toEqual(['ceo@acme.com'])
  })

  it.each([
    ['colours', 'ceo\u001b[31m@ac\u001b[0mme.com!', '[EMAIL_REDACTED]\u001b[31m\u001b[0m!'],
    ['hyperlinks', 'ceo\u001b]8;;https://example.test\u0007@acme.com\u001b]8;;\u0007!', '[EMAIL_REDACTED]\u001b]8;;https://example.test\u0007\u001b]8;;\u0007!'],
    ['modes and erasures', '415\u001b[?25l-555\u001b[K-0132 ok', '[PHONE_REDACTED]\u001b[?25l\u001b[K ok'],
    ['steps to the right', '415\u001b[1C555\u001b[1C0132 ok', '[PHONE_REDACTED]\u001b[1C\u001b[1C ok'],
    ['a bell and a charset', 'ceo\u0007@acme\u001b(B.com ok', '[EMAIL_REDACTED]\u0007\u001b(B ok'],
  ])('is not hidden by %s inside of it, and those are kept', (_name, output, expected) => {
    expect(filtered(output)).toBe(expected)
    expect(filtered(...output)).toBe(expected)
  })

  it.each([
    ['a title', '\u001b]0;mail from ceo@acme.com\u0007x\n', '\u001b]0;mail from [EMAIL_REDACTED]\u0007x\n'],
    ['a link’s address', '\u001b]8;;mailto:ceo@acme.com\u001b\\write\u001b]8;;\u001b\\\n', '\u001b]8;;mailto:[EMAIL_REDACTED]\u001b\\write\u001b]8;;\u001b\\\n'],
    ['a device string', '\u001bPceo@acme.com\u001b\\\n', '\u001bP[EMAIL_REDACTED]\u001b\\\n'],
  ])('is looked through in %s too', (_name, output, expected) => {
    expect(filtered(output)).toBe(expected)
    expect(filtered(...output)).toBe(expected)
  })

  it('is one text on both sides of a hidden one that is private itself', () => {
    const output = 'ceo@\u001b]8;;mailto:ceo@acme.com\u0007acme.com.\n'
    expect(filtered(...output)).toBe('[EMAIL_REDACTED]\u001b]8;;mailto:[EMAIL_REDACTED]\u0007.\n')
  })

  it('takes a movement of the cursor for the end of a word', () => {
    const screen = open().push('ready\u001b[24;1H')
    expect(screen.shown).toBe('ready\u001b[24;1H')
  })

  it('goes to the screen unchanged when it is only to be noted, and to the disk without it', () => {
    mode = 'warn'
    expect(open().push('Contact ceo@acme.com\n')).toMatchObject({ shown: 'Contact ceo@acme.com\n', kept: 'Contact [EMAIL_REDACTED]\n' })
  })

  it('is not shown where it halts the agent', () => {
    mode = 'block'
    expect(filtered('Contact ceo@acme.com\n')).toBe('Contact [EMAIL_REDACTED]\n')
  })

  it('is held to other rules from the next word on', () => {
    scanner = createScanner({ types: new Set() })
    const screen = open().push('ceo@acme.com\n')
    scanner = everything
    expect(screen.push('ceo@acme.com\n').shown).toBe('ceo@acme.com\n[EMAIL_REDACTED]\n')
  })

  it('is withheld where it cannot be looked through, and looked through again after that', () => {
    const broken = (): never => {
      throw new Error('an invented defect')
    }
    scanner = { scan: broken, stream: broken }
    const screen = open().push('ceo@acme.com\n')
    expect(screen.shown).not.toContain('ceo')
    expect(screen.shown).toContain('[output withheld')
    expect(screen.kept).toBe(screen.shown)
    expect(defects).toHaveLength(1)
    scanner = everything
    screen.push('hello ceo@acme.com\n')
    expect(screen.shown).toContain('hello [EMAIL_REDACTED]\n')
  })
})

describe('After a pause', () => {
  it('no more than the beginning of a secret is shown that is a word like others', () => {
    scanner = createScanner({ types: new Set(PrivateType.options), secrets: ['correcthorsebattery'] })
    const screen = open().push('Use: ')
    for (const letter of 'correcthorsebatter') {
      screen.push(letter)
      clock.advance(50)
    }
    expect(screen.shown).toBe('Use: corr')
    expect(screen.push('y now\n').flush().shown).toBe(`Use: corr${'\b \b'.repeat(4)}[SECRET_REDACTED] now\n`)
    const other = open().push('correction')
    clock.advance(50)
    expect(other.shown).toBe('correction')
  })

  const afterPause = (...pieces: string[]): Opened => {
    const screen = open().push(...pieces)
    clock.advance(50)
    return screen
  }

  it.each(['Name', 'Continue? ', 'Processing...', 'Mot de passe : ', '> ', '[y/N] ', 'Größe: '])('the question %j is shown', (question) => {
    expect(afterPause(question).shown).toBe(question)
    expect(afterPause(...question).shown).toBe(question)
  })

  it('what may become something private is held further', () => {
    for (const held of ['ceo@', 'ceo@acme', '415-555', '41555', 'sk-proj', '078-05']) {
      const screen = afterPause(`Contact ${held}`)
      expect(screen.shown, held).toBe('Contact ')
      screen.flush()
    }
  })

  it('a word that was shown and became something private is taken back; on the disk it never was', () => {
    const screen = afterPause('Contact ', 'ceo')
    expect(screen).toMatchObject({ shown: 'Contact ceo', kept: 'Contact ' })
    screen.push('@acme.com\r\n')
    expect(screen.shown).toBe(`Contact ceo${'\b \b'.repeat(3)}[EMAIL_REDACTED]\r\n`)
    expect(screen.kept).toBe('Contact [EMAIL_REDACTED]\r\n')
  })

  it('what somebody types is echoed letter by letter', () => {
    const screen = open()
    for (const letter of 'ceo@acme.com') {
      screen.push(letter)
      clock.advance(50)
    }
    expect(screen.shown).toBe('ceo')
    screen.push('\r\n')
    expect(screen.shown).toBe(`ceo${'\b \b'.repeat(3)}[EMAIL_REDACTED]\r\n`)
  })

  it('an escape that stands alone goes on', () => {
    expect(afterPause('a \u001b').shown).toBe('a \u001b')
    const screen = afterPause('a \u001b')
    expect(screen.push('[31mceo@acme.com\n').shown).toBe('a \u001b[31m[EMAIL_REDACTED]\n')
  })

  it('no timer is left behind', () => {
    open().push('ceo').flush()
    expect(clock.waiting()).toBe(0)
  })
})

describe('Nothing leaks', () => {
  const positives = readCorpus().filter(({ expected }) => expected.length > 0)

  it('of what a scanner finds, wherever it is cut', () => {
    let places = 0
    for (const { text } of positives) {
      const found = everything.scan(`${text}\n`)
      const expected = redacted(`${text}\n`)
      for (let cut = 1; cut < text.length; cut++) {
        expect(filtered(text.slice(0, cut), `${text.slice(cut)}\n`)).toBe(expected)
        places++
      }
      for (const { start, end } of found) expect(expected).not.toContain(text.slice(start, end))
    }
    expect(places).toBeGreaterThan(10_000)
  })

  it('letter by letter, with a colour between all of them', () => {
    for (const { text } of positives) {
      const coloured = filtered(...[...text].flatMap((letter) => ['\u001b[3', '6m', letter]), '\n')
      expect(plain(coloured)).toBe(redacted(`${text}\n`))
    }
  })

  it('in any pieces, with anything between', () => {
    const word = fc.constantFrom('hello ', 'ceo@acme.com', ' 415-555-0132 ', '078-05-1120', '\r\n', '\u001b[31m', '\u001b[0m', '\u001b]0;t\u0007', 'ceo', '@', '.', '😀', 'invented-correct-horse')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 10 }), fc.array(fc.nat(80), { maxLength: 8 }), (words, cuts) => {
        const output = `${words.join('')}\n`
        const places = [...new Set([0, ...cuts.map((cut) => cut % output.length), output.length])].sort((a, b) => a - b)
        const pieces = places.slice(1).map((end, index) => output.slice(places[index], end))
        expect(filtered(...pieces)).toBe(filtered(output))
        expect(plain(filtered(output))).toBe(redacted(plain(output)))
      }),
    )
  })

  const plain = (output: string): string => output.replace(/\u001b\[\d*m|\u001b\]0;t\u0007/g, '')

  function redacted(text: string): string {
    let result = ''
    let at = 0
    for (const { type, start, end } of everything.scan(text)) {
      result += text.slice(at, start) + PRIVATE_TYPES[type].marker
      at = end
    }
    return result + text.slice(at)
  }
})
