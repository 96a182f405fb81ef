import { describe, expect, it } from 'vitest'
import type { Random } from '../ports.ts'
import { contextOf, withContext } from './traceContext.ts'

const random: Random = { hex: (bytes) => 'ab'.repeat(bytes), fraction: () => 0 }
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const OWN = 'abababababababab'

describe('the trace of a call', () => {
  it('goes on with that of the agent, whose headers lead to us from there', () => {
    const headers = ['x-one', '1', 'TraceParent', `00-${TRACE}-${PARENT}-01`, 'tracestate', 'a=b']
    const context = contextOf(headers, random)
    expect(context).toEqual({ traceId: TRACE, spanId: OWN, parentSpanId: PARENT, isSampled: true })
    expect(withContext(headers, context)).toEqual(['x-one', '1', 'TraceParent', `00-${TRACE}-${OWN}-01`, 'tracestate', 'a=b'])
  })

  it('is not recorded where the agent says so', () => {
    expect(contextOf(['traceparent', `00-${TRACE}-${PARENT}-00`], random)).toMatchObject({ traceId: TRACE, isSampled: false })
  })

  it('reads a later version, whatever else that says', () => {
    expect(contextOf(['traceparent', `01-${TRACE}-${PARENT}-01-more`], random).traceId).toBe(TRACE)
  })

  it.each([
    ['nothing', []],
    ['two of them', ['traceparent', `00-${TRACE}-${PARENT}-01`, 'traceparent', `00-${TRACE}-${PARENT}-01`]],
    ['no version that there is', ['traceparent', `ff-${TRACE}-${PARENT}-01`]],
    ['more than this version says', ['traceparent', `00-${TRACE}-${PARENT}-01-more`]],
    ['a trace of zeros', ['traceparent', `00-${'0'.repeat(32)}-${PARENT}-01`]],
    ['a parent of zeros', ['traceparent', `00-${TRACE}-${'0'.repeat(16)}-01`]],
    ['capitals', ['traceparent', `00-${TRACE.toUpperCase()}-${PARENT}-01`]],
    ['private data', ['traceparent', 'ceo@acme.example']],
  ])('begins anew where the agent sends %s, and sends nothing on that was not there', (_what, headers) => {
    const context = contextOf(headers, random)
    expect(context).toEqual({ traceId: 'ab'.repeat(16), spanId: OWN, parentSpanId: null, isSampled: true })
    expect(withContext(headers, context)).toBe(headers)
  })
})
