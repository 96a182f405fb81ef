import { describe, expect, it } from 'vitest'
import { createCounter } from './counter.ts'
import { gauge, single, writeExposition } from './exposition.ts'
import { createHistogram } from './histogram.ts'
import { readExposition } from './testExposition.ts'

describe('the text format', () => {
  it('is what a strict reader gets back, whatever stands in a label', () => {
    const hostile = 'a"b\\c\nd{e="f"} 1 # HELP g'
    const text = writeExposition([
      gauge('one', 'Says "so"\\\nin two lines.', [{ labels: { what: hostile, empty: '' }, value: 0.5 }, { labels: { what: '\ud800', empty: '' }, value: Infinity }]),
      { name: 'two_total', help: 'A counter.', type: 'counter', samples: single('9007199254.740993001') },
    ])
    const families = readExposition(text)
    expect(families.get('one')?.samples.map(({ labels, value }) => [labels['what'], value])).toEqual([[hostile, 0.5], ['\ufffd', Infinity]])
    expect(families.get('two_total')?.samples[0]?.text).toBe('9007199254.740993001')
  })

  it('leaves out what has not been measured yet', () => {
    expect(writeExposition([gauge('one', 'Nothing.', [])])).toBe('')
  })
})

describe('a counter', () => {
  it('adds up by labels', () => {
    const counter = createCounter()
    counter.add({ of: 'a' })
    counter.add({ of: 'b' }, 5)
    counter.add({ of: 'a' }, 2)
    expect(counter.samples()).toEqual([{ labels: { of: 'a' }, value: 3 }, { labels: { of: 'b' }, value: 5 }])
  })

  it('counts what is named anew for ever as one', () => {
    const counter = createCounter({ most: 2 })
    for (const name of ['a', 'b', 'c', 'd', 'a']) counter.add({ of: name })
    expect(counter.samples()).toEqual([{ labels: { of: 'a' }, value: 2 }, { labels: { of: 'b' }, value: 1 }, { labels: { of: 'other' }, value: 2 }])
  })
})

describe('a histogram', () => {
  it('counts up to each bound, in seconds, and beyond the last', () => {
    const histogram = createHistogram([10, 1000])
    for (const length of [10, 11, 1001, -5]) histogram.observe({ of: 'a' }, length)
    const family = readExposition(writeExposition([{ name: 'one_seconds', help: 'Times.', type: 'histogram', samples: histogram.samples() }])).get('one_seconds')
    expect(family?.samples.map(({ labels, value }) => [labels['le'] ?? null, value])).toEqual([['0.01', 2], ['1', 3], ['+Inf', 4], [null, 1.022], [null, 4]])
  })
})
