import { describe, expect, it } from 'vitest'
import type { JsonLiteral } from './eventStrings.ts'
import { stringsOf } from './eventStrings.ts'
import { createScanner } from '../../safety/scan/createScanner.ts'
import { stringIn, templateOf, type EventTemplate } from './eventTemplate.ts'
import { planEvent } from './planEvent.ts'

const scanner = createScanner({ types: new Set(['email']) })
const eventOf = (content: string, id = 'chatcmpl-1'): string => JSON.stringify({ id, choices: [{ index: 0, delta: { content } }], usage: null })

function learned(content: string): EventTemplate | null {
  const data = eventOf(content)
  const plan = planEvent(JSON.parse(data))
  const literal = stringsOf(data).literals.find(({ text }) => text === content) as JsonLiteral
  return templateOf(data, literal, plan.channelOf(literal.segments)!, plan, scanner)
}

describe('an event that is the same but for one string', () => {
  it.each(['x', ' ', 'ceo@acme.com', '}],[{', 'ünï 🚀', '\ud83d'])('gives that string: %s', (content) => {
    const data = eventOf(content)
    // A lone surrogate is written as an escape.
    const expected = data.includes('\\') ? null : content
    expect(stringIn(learned(' well')!, data, scanner)).toBe(expected)
  })

  it.each(['', 'a "word"', 'a\\b', 'a\nb', '\u0007'])('is read anew where the string is %j', (content) => {
    expect(stringIn(learned(' well')!, eventOf(content), scanner)).toBeNull()
  })

  it('is read anew where anything else differs, and by other rules', () => {
    const template = learned(' well')!
    expect(stringIn(template, eventOf('x', 'ceo@acme.com'), scanner)).toBeNull()
    expect(stringIn(template, eventOf('x').replace('null', 'true'), scanner)).toBeNull()
    expect(stringIn(template, eventOf('x","more":"y'.replaceAll('"', "'")).replaceAll("'", '"'), scanner)).toBeNull()
    expect(stringIn(template, eventOf('x'), createScanner({ types: new Set(['email']) }))).toBeNull()
  })

  it('is not learned from a string with escapes', () => {
    expect(learned('a\nb')).toBeNull()
  })
})
