import { describe, expect, it } from 'vitest'
import { restInput, type RequestParts } from './restInput.ts'

const PROPERTIES = {
  id: { type: 'string' },
  after: { type: 'integer' },
  share: { type: 'number' },
  isLive: { type: 'boolean' },
  names: { type: 'array', items: { type: 'string' } },
  places: { type: 'array', items: { type: 'integer' } },
}
const gather = (parts: Partial<RequestParts>): unknown => restInput({ params: {}, query: {}, body: undefined, ...parts }, PROPERTIES)

describe('the input of a REST request', () => {
  it('comes from path, query and body together', () => {
    expect(gather({ params: { id: 'lg' }, query: { after: '7' }, body: { names: ['a'] } })).toEqual({ id: 'lg', after: 7, names: ['a'] })
  })

  it.each([
    [{ after: '7' }, { after: 7 }],
    [{ after: '-7' }, { after: -7 }],
    [{ share: '0.25' }, { share: 0.25 }],
    [{ isLive: 'true' }, { isLive: true }],
    [{ isLive: 'false' }, { isLive: false }],
    [{ names: 'one' }, { names: ['one'] }],
    [{ names: ['one', 'two'] }, { names: ['one', 'two'] }],
    [{ places: ['1', '2'] }, { places: [1, 2] }],
    [{ id: '7' }, { id: '7' }],
    [{ unknown: '7' }, { unknown: '7' }],
  ])('reads the query %j as %j', (query, input) => {
    expect(gather({ query })).toEqual(input)
  })

  it.each([
    { after: '' },
    { after: ' 7' },
    { after: '7 ' },
    { after: '0x10' },
    { after: '1e3' },
    { after: 'NaN' },
    { after: 'Infinity' },
    { after: '+7' },
    { after: '12345678901234567890' },
    { after: ['1', '2'] },
    { isLive: '1' },
    { isLive: 'TRUE' },
    { isLive: '' },
  ])('leaves the query %j as text, for the router to refuse', (query) => {
    expect(gather({ query })).toEqual(query)
  })

  it('leaves the body as it is: JSON knows numbers', () => {
    expect(gather({ body: { after: '7', isLive: 'true' } })).toEqual({ after: '7', isLive: 'true' })
  })

  it.each([
    [{ params: { id: 'a' }, body: { id: 'b' } }, '"id" is given twice'],
    [{ params: { id: 'a' }, query: { id: 'b' } }, '"id" is given twice'],
    [{ query: { after: '7' }, body: { after: 8 } }, '"after" is given twice'],
    [{ params: { id: 'a' }, body: { id: null } }, '"id" is given twice'],
  ])('is refused when %j say two different things', (parts, sentence) => {
    expect(() => gather(parts)).toThrow(sentence)
  })

  it('may say the same thing twice', () => {
    expect(gather({ params: { id: 'a' }, query: { id: 'a', after: '7' }, body: { id: 'a', after: 7 } })).toEqual({ id: 'a', after: 7 })
  })

  it.each([[[]], ['text'], [7], [null], [true]])('is refused when the body is %j', (body) => {
    expect(() => gather({ body })).toThrow('The body has to be one JSON object.')
  })

  it('makes keys with a history in JavaScript ordinary ones', () => {
    const input = restInput({ params: {}, query: JSON.parse('{"__proto__":"x","constructor":"y"}'), body: undefined }, PROPERTIES)
    expect(Object.entries(input)).toEqual([['__proto__', 'x'], ['constructor', 'y']])
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
  })
})
