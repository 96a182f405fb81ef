const SENTENCES = [
  'The meeting moved to Thursday because two of the engineers were still travelling, and nobody objected.',
  'She asked whether the report could be shortened; most of its tables repeat what the summary says (see the second part).',
  'In spring the river rises quickly, so the bridge is closed for a week or two until the water has gone.',
  'When the parser meets a line that it does not know, it skips it, counts it, and goes on with the next one.',
  'A good index answers most questions; the rest need a scan, which took about 40 minutes on the old machine.',
  "Please don't deploy on Fridays: the last time, 3 of 12 services had to be rolled back during the night.",
  'It was the best of the four proposals, not least because it could be explained in a few words.',
  'The garden behind the library, planted in 1987, is open from nine to five and costs nothing.',
]

/** Invented, or published as samples. */
const PRIVATE = [
  'ceo@acme.com',
  'jo.doe@mail.example.org',
  '(415) 555-0132',
  '415.555.0132',
  '+1 415 555 0132',
  '078-05-1120',
  '4111 1111 1111 1111',
  'pat.oneill+list@example.co.uk',
]

/** Prose in which one word of a hundred is private. */
export function prose(length: number): string {
  const words = SENTENCES.join(' ').split(' ')
  const parts: string[] = []
  let written = 0
  for (let index = 0; written < length; index++) {
    const word = index % 100 === 57 ? PRIVATE[Math.floor(index / 100) % PRIVATE.length]! : words[(index * 7 + Math.floor(index / words.length)) % words.length]!
    parts.push(word)
    written += word.length + 1
  }
  // Flat and one byte a character, as a parsed body is.
  return Buffer.from(parts.join(' ').slice(0, length)).toString('latin1')
}

/** What makes a careless search go over the same text again and again. */
export const HOSTILE = [
  'a@',
  'a.',
  '1',
  '.',
  '-1',
  'a@a.',
  'a.a.a@',
  ' ',
  '(',
  '%40',
  ' [at] ',
  '\u200b',
  '1 ',
  '1.',
  '4111 ',
  '(415) 555-',
  '::',
  'sk-',
  'password = ',
  'eyJ',
  '\\u',
  'x@y.zz ',
]
