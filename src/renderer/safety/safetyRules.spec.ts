import { describe, expect, it } from 'vitest'
import { PrivateType, Direction } from '../../shared/domain/safetyRules.ts'
import { samplePlan } from '../../shared/domain/testAgents.ts'
import { draftProblem, kindsFor, needsValue, previewSentence, toAllowance } from './allowanceDraft.ts'
import { figuresOf, typeCounts } from './figures.ts'
import { recordTitle, typesToFilter } from './findingLook.ts'
import { historyBars, historySentence, tally } from './history.ts'
import { markedParts } from './markers.ts'
import { areSame, cellsOf, changesBetween, DIRECTIONS, exceptionsFrom, explainCell, explainIncident, isSilent, TYPES, withDirection, withType } from './ruleLayers.ts'
import { changeSentences, incidentSentences, modeQuestion } from './ruleSentences.ts'
import { safetyLines } from './safetyLines.ts'
import { layer, sampleCounts, sampleRecord, sampleRules } from './testSafety.ts'
import { checkSentences, checkTitle } from './textCheck.ts'

const layers = { agent: layer(), room: layer(), launch: layer() }

describe('the layers of rules', () => {
  it('know every type and every direction', () => {
    expect([...TYPES].sort()).toEqual([...PrivateType.options].sort())
    expect([...DIRECTIONS].sort()).toEqual([...Direction.options].sort())
  })

  it('redact where nobody says anything', () => {
    expect(explainCell(layers, 'email', 'tools')).toEqual({ mode: 'redact', origin: 'default', by: 'mode' })
    expect(explainIncident(layers, 'unauthorised')).toEqual({ mode: 'refuse', origin: 'default' })
    expect(explainIncident(layers, 'injection')).toEqual({ mode: 'warn', origin: 'default' })
  })

  it('are asked one after the other, and the first that says something wins', () => {
    const said = { agent: layer({ directions: { tools: 'warn' } }), room: layer({ types: { email: 'block' } }), launch: layer({ mode: 'redact', types: { email: 'off' }, injection: 'refuse' }) }
    expect(explainCell(said, 'email', 'tools')).toEqual({ mode: 'warn', origin: 'agent', by: 'direction' })
    expect(explainCell(said, 'email', 'terminal')).toEqual({ mode: 'block', origin: 'room', by: 'type' })
    expect(explainCell(said, 'phone', 'terminal')).toEqual({ mode: 'redact', origin: 'launch', by: 'mode' })
    expect(explainIncident(said, 'injection')).toEqual({ mode: 'refuse', origin: 'launch' })
  })

  it('let a type outrank a direction, and a direction the mode, within one of them', () => {
    const own = { ...layers, agent: layer({ mode: 'warn', directions: { tools: 'block' }, types: { email: 'off' } }) }
    expect(explainCell(own, 'email', 'tools').mode).toBe('off')
    expect(explainCell(own, 'phone', 'tools').mode).toBe('block')
    expect(explainCell(own, 'phone', 'terminal').mode).toBe('warn')
  })

  it('are written line by line, and lines are taken out again', () => {
    const written = withDirection(withType(layer(), 'ip', 'off'), 'terminal', 'warn')
    expect(written).toEqual(layer({ types: { ip: 'off' }, directions: { terminal: 'warn' } }))
    expect(isSilent(written)).toBe(false)
    const cleared = withDirection(withType(written, 'ip', null), 'terminal', null)
    expect(isSilent(cleared)).toBe(true)
    expect(areSame(cleared, layer())).toBe(true)
    expect(areSame(written, layer({ types: { ip: 'off' } }))).toBe(false)
  })

  it('count where something else holds than for the whole', () => {
    expect(exceptionsFrom(sampleRules())).toBe(0)
    expect(exceptionsFrom(sampleRules({ types: { ip: 'off' }, directions: { terminal: 'warn' } }))).toBe(4 + 8)
  })

  it('tell what a change will do before it is made', () => {
    const { to } = changesBetween(cellsOf(layers), cellsOf({ ...layers, agent: layer({ types: { ip: 'off', email: 'block' } }) }))
    expect(to).toEqual({ redact: 0, block: 4, warn: 0, off: 4 })
    expect(changeSentences({ to }, false)).toEqual([
      '4 cells to Block: what is found there halts the agent at once.',
      '4 cells to Off: nothing is looked for there, and nothing is noted down.',
    ])
    expect(incidentSentences({ unauthorised: 'refuse', injection: 'warn' }, { unauthorised: 'refuse', injection: 'block' })).toEqual([
      'Prompt injections: The call is refused and the agent is halted.',
    ])
  })
})

describe('a change of mode', () => {
  it('is asked about where it lets private data through, or may halt what runs', () => {
    expect(modeQuestion('lead.py', 'stopped', 'redact', 'warn')?.title).toBe('Let private data of lead.py through?')
    expect(modeQuestion('lead.py', 'running', 'redact', 'block')?.description).toContain('What it holds in memory is lost')
    expect(modeQuestion('lead.py', 'restarting', 'redact', 'block')).not.toBeNull()
  })

  it('is made at once where it does neither', () => {
    expect(modeQuestion('lead.py', 'stopped', 'redact', 'block')).toBeNull()
    expect(modeQuestion('lead.py', 'running', 'warn', 'redact')).toBeNull()
    expect(modeQuestion('lead.py', 'running', 'warn', 'warn')).toBeNull()
  })
})

describe('the three figures', () => {
  const statuses = (...args: Parameters<typeof figuresOf>): string[] => figuresOf(...args).map(({ count, status }) => `${count} ${status.word} ${status.tone}`)

  it('are quiet at first', () => {
    expect(statuses(sampleCounts(), sampleRules())).toEqual(['0 All quiet good', '0 All quiet good', '0 All quiet good'])
  })

  it('say what was kept out, and what is done about the others', () => {
    const counts = sampleCounts({ found: 1_205, redacted: 1_200, blocked: 5, unauthorised: 2, injection: 1 })
    expect(statuses(counts, sampleRules())).toEqual(['1205 1,205 kept out caution', '2 Refused caution', '1 Only noted down bad'])
    expect(statuses(counts, sampleRules({ unauthorised: 'block', injection: 'refuse' }))[1]).toBe('2 Halts the agent caution')
  })

  it('do not call it blocked what was let through', () => {
    expect(statuses(sampleCounts({ found: 3, redacted: 1, warned: 2 }), sampleRules())[0]).toBe('1 2 let through bad')
  })

  it('are broken up by type, the most frequent first', () => {
    expect(typeCounts(sampleCounts({ byType: { email: 2, phone: 7, ip: 0 } })).map(({ word, count }) => `${word} ${count}`)).toEqual(['Phone 7', 'Email 2'])
  })
})

describe('the history', () => {
  const MINUTE = 60_000
  const NOW = 100 * MINUTE + 30_000

  it('has a bar for each of the last thirty minutes, and drops what is older', () => {
    const first = tally(new Map(), [{ at: 10 * MINUTE, kind: 'private' }, { at: 71 * MINUTE, kind: 'private' }, { at: NOW, kind: 'injection', times: 3 }, { at: NOW, kind: 'opened' }], NOW)
    const bars = historyBars(first, NOW)
    expect(bars).toHaveLength(30)
    expect([bars[0]?.private, bars[29]?.injection, bars[29]?.total]).toEqual([1, 3, 3])
    expect(historySentence(bars, true)).toMatch(/^4 findings in the last 30 minutes, most at \d\d:\d\d: 3\.$/)
    expect(historySentence(bars, false)).toMatch(/^At least 4 findings/)
    expect(tally(first, [], NOW + 2 * MINUTE).has(71)).toBe(false)
  })

  it('says when there was nothing', () => {
    expect(historySentence(historyBars(new Map(), NOW), true)).toBe('Nothing in the last 30 minutes.')
  })
})

describe('words', () => {
  it('set markers off, and nothing that only looks like one', () => {
    expect(markedParts('Call [PHONE_REDACTED][EMAIL_REDACTED] or [NAME_REDACTED]')).toEqual([
      { text: 'Call ', isMarker: false },
      { text: '[PHONE_REDACTED]', isMarker: true },
      { text: '[EMAIL_REDACTED]', isMarker: true },
      { text: ' or [NAME_REDACTED]', isMarker: false },
    ])
    expect(markedParts('')).toEqual([])
  })

  it('name what a record is about', () => {
    expect(recordTitle(sampleRecord())).toBe('Email')
    expect(recordTitle(sampleRecord({ kind: 'opened', type: 'ssn' }))).toBe('Original opened: SSN')
    expect(recordTitle(sampleRecord({ kind: 'injection', type: 'ignore-previous' }))).toBe('Prompt injection: Ignore previous')
    expect(recordTitle(sampleRecord({ kind: 'unauthorised', type: 'host' }))).toBe('Unauthorised action: Host')
    expect(recordTitle(sampleRecord({ kind: 'policy', type: 'allowance' }))).toBe('Not private')
    expect(recordTitle(sampleRecord({ kind: 'injection', type: 'constructor' }))).toBe('Prompt injection: Constructor')
  })

  it('offer the types of a kind, and those that are there', () => {
    expect(typesToFilter('unauthorised', ['host'])).toEqual(['model', 'tool', 'host', 'path'])
    expect(typesToFilter('injection', ['ignore-previous'])).toEqual(['ignore-previous'])
    expect(typesToFilter(null, ['email', 'host'])).toHaveLength(10)
  })

  it('tell what a text holds', () => {
    const result = { redacted: '', findings: [{ type: 'email', risk: 'HIGH', start: 0, end: 1 }, { type: 'email', risk: 'HIGH', start: 2, end: 3 }] as const, injections: [{ rule: 'ignore-previous', start: 0, end: 4 }] }
    expect(checkSentences({ ...result, findings: [...result.findings] })).toEqual(['Email, HIGH risk: 2', 'Prompt injection, ignore previous: 1'])
    expect(checkTitle({ redacted: '', findings: [], injections: [] })).toBe('Nothing would be found in it.')
  })

  it('tell what an agent is launched with, a line each, and nothing where nothing is said', () => {
    const { safety } = samplePlan()
    expect(safetyLines(safety)).toEqual([])
    expect(
      safetyLines({
        rules: { ...safety.rules, types: { phone: 'warn', ip: 'off' }, directions: { terminal: 'block' }, unauthorised: 'block' },
        permissions: { models: ['gpt-4*'], tools: [], hosts: null, paths: ['/invented/leads'] },
        notPrivate: ['@company.example', '/^ORD-/'],
      }).map(({ term, value }) => `${term}: ${value}`),
    ).toEqual([
      'By type: Phone warn, IP address off',
      'By direction: terminal block',
      'Models allowed: gpt-4*',
      'Tools allowed: none',
      'Paths allowed: /invented/leads',
      'Not private: @company.example, /^ORD-/',
      'Halted by: unauthorised actions',
    ])
  })
})

describe('what is to be not private', () => {
  const draft = { kind: 'value', value: '', isForAll: false } as const

  it('is said by a finding whose original is kept, except for a pattern', () => {
    expect(needsValue(sampleRecord(), 'value')).toBe(false)
    expect(needsValue(sampleRecord(), 'pattern')).toBe(true)
    expect(needsValue(sampleRecord({ hasOriginal: false }), 'domain')).toBe(true)
    expect(needsValue(null, 'value')).toBe(true)
    expect(toAllowance(draft, sampleRecord(), 'lg-7a3f9c2d')).toEqual({ agentId: 'lg-7a3f9c2d', kind: 'value', findingId: sampleRecord().id })
    expect(toAllowance({ kind: 'pattern', value: ' ^ORD-[0-9]+$ ', isForAll: true }, null, 'lg-7a3f9c2d')).toEqual({ agentId: null, kind: 'pattern', value: '^ORD-[0-9]+$' })
  })

  it('has a domain only where it is an address', () => {
    expect(kindsFor(sampleRecord({ type: 'phone' }))).toEqual(['value', 'pattern'])
    expect(kindsFor(sampleRecord({ type: 'secret' }))).toEqual(['value'])
    expect(kindsFor(sampleRecord())).toEqual(['value', 'domain', 'pattern'])
  })

  it('is looked at before it is sent', () => {
    expect(draftProblem(draft, null)).toContain('press@company.example')
    expect(draftProblem({ ...draft, kind: 'domain', value: 'company' }, null)).toContain('@company.example')
    expect(draftProblem({ ...draft, kind: 'domain', value: '@company.example' }, null)).toBeNull()
    expect(draftProblem({ ...draft, kind: 'pattern', value: '(' }, null)).toContain('no regular expression')
    expect(draftProblem(draft, sampleRecord())).toBeNull()
  })

  it('tells what it would have let through', () => {
    expect(previewSentence({ compared: 120, matching: 14, samples: [] })).toBe('It would have let through 14 of 120 recorded findings.')
    expect(previewSentence({ compared: 1, matching: 0, samples: [] })).toBe('It would have let through none of 1 recorded finding.')
    expect(previewSentence({ compared: 0, matching: 0, samples: [] })).toBe('There are no recorded findings to compare it with.')
  })
})
