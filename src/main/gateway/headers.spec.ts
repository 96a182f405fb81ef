import { describe, expect, it } from 'vitest'
import { answerHeaders, headerOf, readRequestHeaders } from './headers.ts'

describe('a request’s headers', () => {
  it('go on as they came, less what belongs to one hop', () => {
    const raw = [
      ['Host', '127.0.0.1:1'],
      ['X-Twice', 'one'],
      ['Connection', 'keep-alive, X-Secret-Hop'],
      ['x-secret-hop', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authorization', 'Basic eA=='],
      ['TE', 'trailers'],
      ['Trailer', 'x'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'h2c'],
      ['Content-Length', '3'],
      ['Expect', '100-continue'],
      ['Accept-Encoding', 'gzip'],
      ['x-TWICE', 'two'],
      ['OpenAI-Beta', 'x=1'],
      ['Content-Type', 'application/json'],
    ]
    expect(readRequestHeaders(raw.flat()).forwarded).toEqual([
      'X-Twice', 'one', 'x-TWICE', 'two', 'OpenAI-Beta', 'x=1', 'Content-Type', 'application/json', 'accept-encoding', 'identity',
    ])
  })

  it.each<[string[], Partial<ReturnType<typeof readRequestHeaders>>]>([
    [['Host', 'a'], { host: 'a', isOfPage: false, contentEncoding: null, retryCount: 0, key: '' }],
    [['Host', 'a', 'HOST', 'a'], { host: null }],
    [[], { host: null }],
    [['ORIGIN', 'null'], { isOfPage: true }],
    // Node's own fetch says this much, and is no browser.
    [['Sec-Fetch-Mode', 'cors'], { isOfPage: false }],
    [['Sec-Fetch-Site', 'none'], { isOfPage: true }],
    [['Content-Encoding', 'GZIP'], { contentEncoding: 'gzip' }],
    [['X-Stainless-Retry-Count', '2'], { retryCount: 2 }],
    [['X-Stainless-Retry-Count', 'many'], { retryCount: 0 }],
    [['Authorization', 'Bearer sk-invented-1'], { key: 'sk-invented-1' }],
    [['Authorization', 'Bearer '], { key: '' }],
    [['x-api-key', 'sk-invented-2'], { key: 'sk-invented-2' }],
    [['x-api-key', ' '], { key: '' }],
  ])('%j', (raw, expected) => {
    expect(readRequestHeaders(raw)).toMatchObject(expected)
  })
})

describe('an answer’s headers', () => {
  const raw = ['Set-Cookie', 'a=1', 'Connection', 'close, x-hop', 'X-Hop', '1', 'set-cookie', 'b=2', 'Content-Length', '5', 'Transfer-Encoding', 'chunked', 'Date', 'x']

  it('go on as they came, repeated ones repeated', () => {
    expect(answerHeaders(raw, false)).toEqual(['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'Content-Length', '5', 'Date', 'x'])
  })

  it('tell no length of a body that changes', () => {
    expect(headerOf(answerHeaders(raw, true), 'content-length')).toBeNull()
  })
})
