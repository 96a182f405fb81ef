import { describe, expect, it } from 'vitest'
import { createPlaceholders } from './placeholders.ts'

describe('what is another one at every run', () => {
  it.each([
    ['call-7a3f9c2d01b2c3d4 and find-7a3f9c2d01b2c3d4', '<call 1> and <find 1>'],
    ['lg-7a3f9c2d runs', '<agent 1> runs'],
    ['secret-7a3f9c2d01b2 was made', '<secret 1> was made'],
    ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', '<id 1>'],
    ['http://127.0.0.1:43121/openai/v1', 'http://127.0.0.1:<port>/openai/v1'],
    ['with pid 4711 in process 12', 'with pid <pid> in process <pid>'],
    ['after 12 s, 2.1s, 850ms and 1 min 5 s', 'after <time>, <time>, <time> and <time>'],
    ['at 2026-11-21T17:34:09.123Z', 'at <time>'],
    ['/tmp/x-1/demo/results.csv', '<folder>/demo/results.csv'],
    ['9f86d081884c7d659a2feaa0', '<hex 1>'],
  ])('%s', (text, same) => {
    expect(createPlaceholders('/tmp/x-1').inText(text)).toBe(same)
  })

  it.each(['$45.03 of $50.00 (90.1%)', '34 / 100 leads', 'Score: 8/10', '66 leads', 'feedfacedeadbeef00'.replace(/\d/g, ''), '123456789012', '/v2/people'])('is not %s', (text) => {
    expect(createPlaceholders('/tmp/x-1').inText(text)).toBe(text)
  })

  it('keeps apart what is not the same, and together what is', () => {
    const { inText } = createPlaceholders('')
    expect(inText('call-000000000000000a, call-000000000000000b')).toBe('<call 1>, <call 2>')
    expect(inText('again call-000000000000000a')).toBe('again <call 1>')
  })
})
