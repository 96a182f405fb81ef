import { describe, expect, it } from 'vitest'
import type { Match } from '../scan/scanner.ts'
import { emailFinder } from './email.ts'

function found(text: string): string[] {
  const spans: string[] = []
  emailFinder.find(text, ({ start, end }) => spans.push(text.slice(start, end)))
  return spans
}

describe('emailFinder', () => {
  it.each([
    ['Contact ceo@acme.com', 'ceo@acme.com'],
    ['Contact ceo@acme.com.', 'ceo@acme.com'],
    ['(ceo@acme.com), then', 'ceo@acme.com'],
    ['ceo@acme.com...', 'ceo@acme.com'],
    ['...ceo@acme.com', 'ceo@acme.com'],
    ['<ceo@acme.com>', 'ceo@acme.com'],
    ['&lt;ceo@acme.com&gt;', 'ceo@acme.com'],
    ['"ceo@acme.com":', 'ceo@acme.com'],
    ["'ceo@acme.com'", 'ceo@acme.com'],
    ['`ceo@acme.com`', 'ceo@acme.com'],
    ['mailto:ceo@acme.com?subject=x', 'ceo@acme.com'],
    ['https://example.com/?to=ceo@acme.com&x=1', 'ceo@acme.com'],
    ['https://example.com/u/ceo@acme.com/edit', 'ceo@acme.com'],
    ['--author=jo.doe+tag@mail.acme.co.uk', 'jo.doe+tag@mail.acme.co.uk'],
    ["pat.o'brien@example.ie", "pat.o'brien@example.ie"],
    ['first_last-x%y@acme-corp.example', 'first_last-x%y@acme-corp.example'],
    ['CEO@ACME.COM', 'CEO@ACME.COM'],
    ['"jo doe" <jo@example.com>', 'jo@example.com'],
    ['"jo.doe"@example.com', '"jo.doe"@example.com'],
    ['docomo.user..@example.jp', 'docomo.user..@example.jp'],
    ['jürgen@müller.example', 'jürgen@müller.example'],
    ['info@xn--mller-kva.xn--p1ai', 'info@xn--mller-kva.xn--p1ai'],
    ['почта@пример.рф', 'почта@пример.рф'],
    ['用户@例子.广告', '用户@例子.广告'],
    ['请联系ceo@acme.com谢谢', 'ceo@acme.com'],
    ['a@b.co', 'a@b.co'],
    ['qq 10001@163.com', '10001@163.com'],
    ['ceo@acme.com.Then we went', 'ceo@acme.com'],
    ['ceo@acme.com-and so on', 'ceo@acme.com'],
    ['ceo@acme.com_', 'ceo@acme.com'],
    ['ceo@acme.com2024', 'ceo@acme.com'],
    ['ceo@acme.com.2', 'ceo@acme.com'],
    ['avatars/ceo@acme.com.png', 'ceo@acme.com'],
    ['ceo@acme.com:invented-pass', 'ceo@acme.com'],
    ['ceo@acme.com(work)', 'ceo@acme.com'],
    ['@ceo@acme.com', 'ceo@acme.com'],
    ['x@ceo@acme.com', 'ceo@acme.com'],
    ['test@example.com', 'test@example.com'],
    ['root@intern.local', 'root@intern.local'],
    [`${'x'.repeat(64)}@acme.com`, `${'x'.repeat(64)}@acme.com`],
    // Longer names do not exist; what can be one is taken.
    [`${'x'.repeat(70)}@acme.com`, `${'x'.repeat(64)}@acme.com`],
    ['a@acme.com;b@acme.com', 'a@acme.com b@acme.com'],
    ['a@acme.com,b@acme.com', 'a@acme.com b@acme.com'],
    ['a@acme.com-b@acme.com', 'a@acme.com b@acme.com'],
  ])('finds in %s', (text, expected) => {
    expect(found(text).join(' ')).toBe(expected)
  })

  it.each([
    'user@host',
    'root@localhost',
    'git@github.com:acme/repo.git',
    'ssh://git@example.com/acme/repo.git',
    '@decorator',
    '@app.route("/")',
    '@user on the network',
    '@scope/pkg@1.2.3',
    'npm:left-pad@1.2.3',
    'foo@1.0.0-beta.rc',
    'tool@v2.1.0-rc.one',
    'react@18.x',
    'icon@2x.png',
    'sprite@2x.min.js',
    'logo@dark.en.svg',
    'acme/image@sha256:9f86d081884c7d659a2feaa0c55ad015',
    'https://www.example.com/maps/@37.77,-122.41',
    'x@w.T + y',
    'x@self.weight',
    'a@b.inverse()',
    'meet at dot com',
    'ceo@.com',
    'ceo@acme.',
    'ceo@acme..com',
    'ceo @ acme.com',
    '@acme.com',
    '..@acme.com',
    'a@b.c',
    'root@10.0.0.1',
    'size 5@3.50',
  ])('finds nothing in %s', (text) => {
    expect(found(text)).toEqual([])
  })

  it('tells the address as it is compared', () => {
    const matches: Match[] = []
    emailFinder.find('"Jo.Doe"@Example.COM, mu\u0308ller@example.de', (match) => matches.push(match))
    expect(matches.map(({ value }) => value)).toEqual(['jo.doe@example.com', 'm\u00fcller@example.de'])
  })

  it.each([
    ['hello wor', 6],
    ['hello world ', 12],
    ['hello world, ', 13],
    ['write to ceo@', 9],
    ['write to ceo@acme.com', 9],
    ['write to ceo@acme.com.', 9],
    ['write to ceo@acme.com,', 22],
    ['said "jo', 5],
    ['said "jo"', 5],
    ['-----', 5],
    ['联系', 0],
  ])('of "%s" what begins at %i may go on', (text, place) => {
    expect(emailFinder.openFrom(text)).toBe(place)
  })

  it('waits for no more than an address can have', () => {
    expect(emailFinder.openFrom('a.'.repeat(1_000))).toBe(2_000 - 64)
    expect(emailFinder.openFrom(`x@${'a.'.repeat(1_000)}`)).toBe(2_002 - 64)
    expect(emailFinder.openFrom('文'.repeat(1_000))).toBe(1_000 - 16)
  })
})
