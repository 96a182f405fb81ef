import { randomInt } from 'node:crypto'

/** What keys of these kinds begin with, and is no secret. Longer ones first. */
const PREFIXES = ['sk-ant-api03-', 'sk-proj-', 'sk-svcacct-', 'sk-ant-', 'sk-or-v1-', 'sk_test_', 'sk_live_', 'pk_test_', 'pk_live_', 'github_pat_', 'ghp_', 'xoxb-', 'gsk_', 'sk-']
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** Nobody guesses it: 142 bits and more. */
const FEWEST_RANDOM = 24
const MOST_RANDOM = 200

/** Looks like the key that it stands for, and is none: it is made anew for every run. */
export function placeholderFor(value: string): string {
  const prefix = PREFIXES.find((known) => value.startsWith(known)) ?? ''
  const length = Math.min(Math.max(value.length - prefix.length, FEWEST_RANDOM), MOST_RANDOM)
  return prefix + Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}
