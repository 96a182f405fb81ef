import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topLevelMembers } from './topLevelJson.ts'
import { askForUsage, withoutNullUsage } from './usageAsk.ts'

const asked = (text: string): string | null => {
  const body = Buffer.from(text)
  return askForUsage(body, topLevelMembers(body)!)?.toString() ?? null
}

describe('asking for usage', () => {
  it.each([
    ['{"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
    ['{ "stream" : true }', '{ "stream_options":{"include_usage":true},"stream" : true }'],
    ['{"stream_options":null,"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
    ['{"stream_options":{},"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
    ['{"stream_options": { } }', '{"stream_options": {"include_usage":true } }'],
    ['{"stream_options":{"include_usage":false}}', '{"stream_options":{"include_usage":true}}'],
    ['{"stream_options":{"include_usage": null ,"x":1}}', '{"stream_options":{"include_usage": true ,"x":1}}'],
    ['{"stream_options":{"x":[1]},"a":"ü"}', '{"stream_options":{"include_usage":true,"x":[1]},"a":"ü"}'],
    ['{"stream_options":"nonsense"}', null],
    ['{"stream_options":[]}', null],
    ['{"stream_options":{"include_usage":false,"include_usage":true}}', null],
    ['{}', null],
  ])('%s', (text, expected) => {
    expect(asked(text)).toBe(expected)
  })

  it('changes nothing else', () => {
    const rest = fc.dictionary(fc.string({ unit: 'binary' }).filter((key) => key !== 'stream_options' && key !== '__proto__'), fc.jsonValue(), { minKeys: 1 })
    const options = fc.option(fc.dictionary(fc.string().filter((key) => key !== '__proto__'), fc.jsonValue()), { nil: undefined })
    fc.assert(
      fc.property(rest, options, fc.constantFrom(undefined, 2), (others, given, space) => {
        const request = { ...others, ...(given && { stream_options: given }) }
        const text = asked(JSON.stringify(request, null, space))!
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ ...request, stream_options: { ...given, include_usage: true } })))
      }),
    )
  })
})

describe('an event of a stream that nobody but us asked usage of', () => {
  const cleaned = (text: string): string => withoutNullUsage(Buffer.from(text)).toString()

  it.each([
    ['data: {"id":"a","choices":[],"usage":null}\n\n', 'data: {"id":"a","choices":[]}\n\n'],
    ['data: {"id":"a","usage":null,"obfuscation":"x"}\n\n', 'data: {"id":"a","obfuscation":"x"}\n\n'],
    ['data: {"usage":null,"id":"a"}\n\n', 'data: {"id":"a"}\n\n'],
    ['data: {"usage":null}\n\n', 'data: {}\n\n'],
    ['data: {"id": "a" , "usage" : null }\r\n\r\n', 'data: {"id": "a" }\r\n\r\n'],
  ])('%j loses its empty usage', (text, expected) => {
    expect(cleaned(text)).toBe(expected)
  })

  it.each([
    'data: {"id":"a","usage":{"total_tokens":1}}\n\n',
    'data: {"choices":[{"usage":null}]}\n\n',
    'data: {"content":"\\"usage\\":null"}\n\n',
    'data: {"content":",\\"usage\\":null"}\n\n',
    'data: {"id":"a","usage":nul\n\n',
    'data: {"id":"a",\ndata: "usage":null}\n\n',
    'data: "usage":null\n\n',
    'data: [DONE]\n\n',
  ])('%j stays as it is', (text) => {
    expect(cleaned(text)).toBe(text)
  })
})
