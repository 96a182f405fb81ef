import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDice } from './dice.ts'
import { writeProse } from './prose.ts'
import { subjectOf, withoutPrivate } from './subject.ts'

const answer = (request: string, more: { instructions?: string; results?: string[] } = {}, seed = 1) =>
  writeProse({ instructions: more.instructions ?? '', request, results: more.results ?? [] }, createDice(seed, request))

describe('answers', () => {
  it.each([
    ['an outreach message', 'Write a cold email. Name: Maria Lopez, company: Alder Works', /^Hi Maria Lopez,[\s\S]+\?\n\nBest regards$/],
    ['a summary', 'Summarise this: the garden grows well', /^In short: .+garden/],
    ['a score', 'Rate this lead, company: Alder Works', /^Score: [5-9] out of 10\. Alder Works/],
    ['a list', 'Give me ideas for a garden', /^1\. .+\n2\. .+\n3\. .+\n4\. /],
    ['a greeting', 'Hello!', /^(Hello|Hi)/],
    ['yes or no', 'Is the earth round? Answer yes or no.', /^(Yes|No)$/],
    ['true or false', 'The earth is round: true or false?', /^(true|false)$/],
    ['a number on a scale', 'How warm is this lead, from 1 to 5?', /^[1-5]$/],
    ['one of a few words', 'Answer with one of: hot, warm, or cold', /^(hot|warm|cold)$/],
    ['something on anything else', 'What about gardens?', /gardens/],
    ['something on nothing', '', /\w/],
  ])('are %s', (_what, request, expected) => {
    for (let seed = 0; seed < 20; seed++) expect(answer(request, {}, seed)).toMatch(expected)
  })

  it('take the kind of the instructions where the request has none', () => {
    expect(answer('Maria, of Alder Works', { instructions: 'You write outreach messages.' })).toMatch(/^Hi /)
  })

  it('use what tools have found', () => {
    expect(answer('How is the weather?', { results: ['{"sky":"overcast","degrees":17}'] })).toBe(
      'Here is what I found: sky: overcast, degrees: 17.',
    )
    expect(answer('How is it?', { results: ['one', 'two'] })).toBe('Here is what I found:\n- one\n- two')
    expect(answer('How is the garden?', { results: [''] })).toMatch(/came back empty/)
  })

  it('keep to the frame of agents that speak in text alone', () => {
    expect(answer('What about gardens?', { instructions: 'Use this format. Thought: ... Final Answer: ...' })).toMatch(
      /^Thought: .+\nFinal Answer: \w/,
    )
  })

  it('are about as long as asked', () => {
    const words = answer('Write 200 words on gardens').split(/\s+/).length
    expect(words).toBeGreaterThanOrEqual(200)
    expect(words).toBeLessThan(230)
    expect(answer('Write 99999 words on gardens').split(/\s+/).length).toBeLessThan(1_600)
  })

  it('are no longer than allowed', () => {
    for (const limit of ['at most 80 words', 'no more than 80 words', 'up to 80 words']) {
      expect(answer(`Outline a plan for gardens, ${limit}`).split(/\s+/).length).toBeLessThan(60)
    }
  })

  it('are about the subject, not about what is to be done with it', () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(answer('Summarise what matters about heat pumps.', {}, seed)).toMatch(/^In short: heat pumps\. .*heat pumps[,;]? /)
      expect(answer('Summarise this note for Ada: the garden grows well.', {}, seed)).toMatch(/^In short: the garden grows well\. /)
      expect(answer('Outline a plan for a workshop', {}, seed)).toContain('known about workshop and')
    }
    expect(answer('Summarise:')).toMatch(/^In short: \w/)
  })

  it('see through the frame that a framework puts around a task', () => {
    const task = (text: string, criteria: string): string =>
      `\nCurrent Task: ${text}\n\nThis is the expected criteria for your final answer: ${criteria}\nyou MUST return the actual complete content`
    expect(answer(task('List what matters about gardens.', 'A message of 90 words.'))).toMatch(/^1\. Start with what is known about gardens and/)
    expect(answer(task('Is it warm? Answer yes or no.', 'One of: hot, cold, or mild'))).toMatch(/^(Yes|No)$/)
    expect(subjectOf(task('Write to the lead Maria Lopez.', 'A letter.'))).toMatchObject({ person: 'Maria Lopez', excerpt: 'Write to the lead Maria Lopez.' })
    expect(answer('This is the expected criteria for your final answer:')).toMatch(/\w/)
  })

  it('repeat nothing private, in whatever place it stands', () => {
    const secrets = [
      'maria.lopez@alder.example.com',
      '555-010-0199',
      '(555) 010 0199',
      '078-05-1120',
      'sk-invented-0a1b2c3d4e5f',
      'ghp_inventedInvented01',
      '4111 1111 1111 1111',
    ]
    const places = [
      (secret: string) => answer(`Write to ${secret} today, company: ${secret}`),
      (secret: string) => answer(`Summarise: call ${secret} about the garden`),
      (secret: string) => answer('Who is it?', { results: [JSON.stringify({ contact: secret, name: 'Maria' })] }),
      (secret: string) => answer(secret),
      (secret: string) => JSON.stringify(subjectOf(`Name: ${secret} city: ${secret}`)),
    ]
    fc.assert(
      fc.property(fc.constantFrom(...secrets), fc.constantFrom(...places), (secret, place) => {
        expect(place(secret)).not.toContain(secret)
      }),
    )
    expect(withoutPrivate('Room 12, 17 degrees in 2026, 48 people')).toBe('Room 12, 17 degrees in 2026, 48 people')
  })

  it('are not about what was taken out of a request', () => {
    expect(answer('please mail [EMAIL_REDACTED] and call [PHONE_REDACTED].')).not.toMatch(/redacted/i)
  })

  it('come for whatever is asked', () => {
    const hostile = [
      'a'.repeat(4_000),
      ' '.repeat(4_000),
      '1 '.repeat(2_000),
      '"one of: a, '.repeat(300),
      'one of: ' + 'a, '.repeat(1_300),
      'A-'.repeat(2_000),
      '1-('.repeat(1_300),
      '@'.repeat(4_000),
    ]
    for (const request of hostile) expect(answer(request, { results: [request] })).toMatch(/\w/)
  })
})
