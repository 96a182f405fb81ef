interface Place {
  readonly start: number
  readonly end: number
}

/** What is worth a closer look. */
const INVISIBLE = /[\u200b-\u200f\u2060-\u2064\ufeff\ufe00-\ufe0f\udb40]/

/** Letters that no screen shows; a flag's (`🏴` and five of them) are no message. */
const TAG_LETTERS = /(?<!\u{1f3f4})(?<![\u{e0020}-\u{e007e}])[\u{e0020}-\u{e007e}]{4,}/gu
/** More invisible characters in a row than any script needs. */
const INVISIBLE_RUNS = /[\u200b-\u200f\u2060-\u2064\ufeff\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{12,}/gu

const HIDDEN_REGIONS: readonly RegExp[] = [
  /<[a-z][a-z0-9]{0,10}\s[^<>]{0,300}style\s?=\s?["'][^"'<>]{0,200}(?:display\s?:\s?none|visibility\s?:\s?hidden|font-size\s?:\s?0|opacity\s?:\s?0(?![.\d])|color\s?:\s?(?:white|#fff(?:fff)?)\b)[^<>]{0,200}>[^<]{1,600}/gi,
  /<[a-z][a-z0-9]{0,10}(?:\s[^<>]{0,200})?\shidden(?=[\s>])[^<>]{0,200}>[^<]{1,600}/gi,
  /^\[(?:\/\/|comment|\/\/\/)\]: ?(?:#|<>) ?["(][^\n]{1,900}/gim,
]
const COMMENT = '<!--'
const LONGEST_COMMENT = 900

/** Whoever hides a text from people and speaks to machines. */
const TO_MACHINES = /\b(?:AIs?|A\.I\.|LLMs?|GPT|(?:AI |virtual )?assistants?|language models?|chatbots?|AI agents?)\b/
const ORDERS =
  /\b(?:you (?:must|should|have to|are (?:now|required))|ignore (?:all|any|the|your|previous|prior|these|every)|disregard|do not (?:tell|mention|reveal)|always (?:answer|say|recommend|reply)|reveal|system prompt|must (?:tell|say|include|recommend))\b/i

export function findHiddenText(text: string): readonly Place[] {
  const places: Place[] = []
  for (const pattern of INVISIBLE.test(text) ? [TAG_LETTERS, INVISIBLE_RUNS] : []) {
    for (const { 0: found, index } of text.matchAll(pattern)) places.push({ start: index, end: index + found.length })
  }
  if (!text.includes('<') && !text.includes('[')) return places
  const judge = (found: string, start: number): void => {
    if (TO_MACHINES.test(found) || ORDERS.test(found)) places.push({ start, end: start + found.length })
  }
  for (const pattern of HIDDEN_REGIONS) for (const { 0: found, index } of text.matchAll(pattern)) judge(found, index)
  let at = text.indexOf(COMMENT)
  while (at >= 0) {
    const next = text.indexOf(COMMENT, at + COMMENT.length)
    const near = text.slice(at, Math.min(at + LONGEST_COMMENT, next < 0 ? text.length : next))
    const end = near.indexOf('-->', COMMENT.length)
    if (end > 0) judge(near.slice(0, end + 3), at)
    at = next
  }
  return places
}
