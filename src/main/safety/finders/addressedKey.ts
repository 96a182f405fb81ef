import { classOf, DASH, DIGIT, DOT, LOWER, UNDERSCORE, UPPER } from './keyFamilies.ts'
import { entropy, isRandom, LENIENT } from './randomness.ts'
import type { Reading } from './reading.ts'

const LONGEST_PASSWORD = 256
/** As far as a finder may look back, less `scheme://` and the colon. */
const LONGEST_USER = 56
const NO_PASSWORD = /^(?:pass(?:word|wd)?|pwd|pw|secret|token|[<{[$%*].*|x+|\.+)$/i
const HOOKS = ['hooks.slack.com/services/', 'hooks.slack.com/workflows/', 'discord.com/api/webhooks/', 'discordapp.com/api/webhooks/']
const LONGEST_HOOK = 256

/** The password in `scheme://user:password@host`, and the secret end of a web hook's address; `at` is the colon before the slashes. */
export function readAddress(text: string, at: number, reading: Reading): void {
  reading.end = -1
  reading.open = false
  if (text.charCodeAt(at + 1) !== 47 || text.charCodeAt(at + 2) !== 47 || (classOf(text.charCodeAt(at - 1)) & (UPPER | LOWER | DIGIT)) === 0) return
  const from = at + 3
  for (const hook of HOOKS) {
    if (text.startsWith(hook, from)) {
      readHook(text, from + hook.length, reading)
      return
    }
  }
  let colon = -1
  let lastAt = -1
  let end = from
  for (; end < text.length && end - from <= LONGEST_USER + LONGEST_PASSWORD; end++) {
    const code = text.charCodeAt(end)
    if (code === 58 && colon < 0) colon = end
    else if (code === 64) lastAt = end
    else if (endsAuthority(code)) break
    if (colon < 0 && end - from > LONGEST_USER) return
    if (colon >= 0 && end - colon > LONGEST_PASSWORD) break
  }
  if (colon < 0 || colon + 1 === text.length) return
  reading.start = colon + 1
  if (end === text.length) reading.open = true
  if (lastAt > colon + 1 && !NO_PASSWORD.test(text.slice(colon + 1, lastAt))) reading.end = lastAt
}

/** Space and controls, and `/ ? # " ' < > \ backtick`. */
function endsAuthority(code: number): boolean {
  return code <= 32 || code === 47 || code === 63 || code === 35 || code === 34 || code === 39 || code === 60 || code === 62 || code === 92 || code === 96
}

function readHook(text: string, from: number, reading: Reading): void {
  let end = from
  while (end < text.length && end - from < LONGEST_HOOK && (classOf(text.charCodeAt(end)) & (UPPER | LOWER | DIGIT | UNDERSCORE | DASH) || text[end] === '/')) end++
  if (from === text.length) return
  reading.start = from
  reading.open = end === text.length && end - from < LONGEST_HOOK
  if (end - from >= 20 && isRandom(text, from, end, LENIENT)) reading.end = end
}

const BOT_KEY = 35

/** A Telegram bot's key, after its number: `123456789:AA…`; `at` is the colon. */
export function readBotKey(text: string, at: number, reading: Reading): void {
  reading.end = -1
  reading.open = false
  if (text[at + 1] !== 'A') return
  let digits = at
  while (digits > 0 && at - digits < 11 && (classOf(text.charCodeAt(digits - 1)) & DIGIT) !== 0) digits--
  if (at - digits < 8 || at - digits > 10) return
  const start = at + 1
  let end = start
  while (end < text.length && end - start <= BOT_KEY && (classOf(text.charCodeAt(end)) & (UPPER | LOWER | DIGIT | UNDERSCORE | DASH)) !== 0) end++
  if (end === start || !'AA'.startsWith(text.slice(start, Math.min(end, start + 2)))) return
  reading.start = start
  reading.open = end === text.length && end - start <= BOT_KEY
  if (end - start === BOT_KEY) reading.end = end
}

const LONGEST_BEARER = 512
const SHORTEST_BEARER = 16

/** What stands after `Bearer `, wherever that stands; `at` is its space. */
export function readBearer(text: string, at: number, reading: Reading): void {
  reading.end = -1
  reading.open = false
  if (!/[Bb]earer$/.test(text.slice(Math.max(0, at - 6), at))) return
  const start = at + 1
  let end = start
  while (end < text.length && end - start < LONGEST_BEARER && isBearerCode(text.charCodeAt(end))) end++
  if (end === start) return
  reading.start = start
  reading.open = end === text.length && end - start < LONGEST_BEARER
  while (end > start && text.charCodeAt(end - 1) === 46) end--
  const value = text.slice(start, end)
  if (value.length >= SHORTEST_BEARER && isRandom(value, 0, Math.min(value.length, 64), LENIENT) && entropy(value) >= 2.8) reading.end = end
}

function isBearerCode(code: number): boolean {
  return (classOf(code) & (UPPER | LOWER | DIGIT | UNDERSCORE | DASH | DOT)) !== 0 || code === 43 || code === 47 || code === 61 || code === 126
}
