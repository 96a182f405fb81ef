import { isPlaceholderKey } from '../../gateway/placeholderKey.ts'

/** What a body may be made of; bits, so that one table says it for all. */
export const UPPER = 1
export const LOWER = 2
export const DIGIT = 4
export const UNDERSCORE = 8
export const DASH = 16
export const DOT = 32
const BASE64 = 64
const HEX = 128

const ALNUM = UPPER | LOWER | DIGIT
const URL_SAFE = ALNUM | UNDERSCORE | DASH

/** Keys that are known by their beginnings. */
export interface KeyFamily {
  readonly prefix: string
  readonly body: number
  readonly least: number
  readonly most: number
  /** A word to the same shape: the prefix is one that words and class names have too. */
  readonly mustBeRandom: boolean
  /** All keys of it are as long: a longer run is none. */
  readonly isOfOneLength: boolean
  readonly isNone?: (key: string) => boolean
  /** Instead of a body: what follows the prefix, with dots between; one of these ways. */
  readonly parts?: readonly (readonly KeyPart[])[]
}

export interface KeyPart {
  readonly begins: string
  readonly least: number
  readonly most: number
}

function family(prefix: string, body: number, least: number, most = 512, mustBeRandom = false): KeyFamily {
  return { prefix, body, least, most, mustBeRandom, isOfOneLength: least === most }
}

function part(least: number, most: number, begins = ''): KeyPart {
  return { begins, least, most }
}

function inParts(prefix: string, ...parts: readonly (readonly KeyPart[])[]): KeyFamily {
  return { ...family(prefix, 0, 0), parts }
}

const KEY_FAMILIES: readonly KeyFamily[] = [
  // OpenAI, Anthropic, OpenRouter, and all who took their shape.
  { ...family('sk-', URL_SAFE, 16, 512, true), isNone: isPlaceholderKey },
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((prefix) => family(prefix, ALNUM, 16)),
  family('whsec_', ALNUM | BASE64, 24),
  ...['AKIA', 'ASIA'].map((prefix) => family(prefix, UPPER | DIGIT, 16, 16)),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => family(prefix, ALNUM, 30)),
  family('github_pat_', ALNUM | UNDERSCORE, 40),
  ...['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-'].map((prefix) => family(prefix, URL_SAFE | DOT, 20)),
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.xoxp-', 'xoxe.xoxb-', 'xapp-'].map((prefix) => family(prefix, ALNUM | DASH, 20, 512, true)),
  family('AIza', URL_SAFE, 35, 35),
  family('ya29.', URL_SAFE | DOT, 20, 2_048),
  family('GOCSPX-', URL_SAFE, 20),
  family('hf_', ALNUM, 30),
  family('api_org_', ALNUM, 30),
  family('gsk_', ALNUM, 32),
  family('xai-', ALNUM, 32),
  family('pplx-', ALNUM, 32),
  family('tvly-', ALNUM | DASH, 24, 512, true),
  family('r8_', ALNUM, 32),
  family('npm_', ALNUM, 30),
  family('pypi-', URL_SAFE, 40, 512, true),
  family('rubygems_', HEX, 40),
  family('dckr_pat_', URL_SAFE, 24),
  family('lin_api_', ALNUM, 32),
  family('secret_', ALNUM, 40, 64, true),
  family('ntn_', ALNUM, 40),
  family('dapi', HEX, 32, 32),
  ...['dop_v1_', 'doo_v1_', 'dor_v1_'].map((prefix) => family(prefix, HEX, 40)),
  ...['hvs.', 'hvb.', 'hvr.'].map((prefix) => family(prefix, URL_SAFE, 24)),
  family('glsa_', ALNUM | UNDERSCORE, 32),
  family('sntrys_', ALNUM | BASE64 | UNDERSCORE, 40),
  ...['shpat_', 'shpss_', 'shpca_'].map((prefix) => family(prefix, HEX, 32)),
  family('figd_', URL_SAFE, 32),
  family('PMAK-', HEX | DASH, 40),
  family('ATATT3', URL_SAFE, 40),
  family('AGE-SECRET-KEY-1', UPPER | DIGIT, 50, 64),
  // JSON Web Tokens: signed ones have three parts, encrypted ones five.
  inParts(
    'eyJ',
    [part(8, 4_096), part(8, 8_192, 'eyJ'), part(0, 2_048)],
    [part(8, 4_096), part(0, 2_048), part(12, 64), part(8, 8_192), part(16, 128)],
  ),
  // SendGrid, Discord.
  inParts('SG.', [part(16, 64), part(16, 128)]),
  ...['M', 'N', 'O'].map((prefix) => inParts(prefix, [part(22, 27), part(6, 7), part(27, 45)])),
  // Twilio.
  family('SK', HEX, 32, 32),
  family('AC', HEX, 32, 32),
]

/** By the code of their first characters. */
export const FAMILIES_BY_FIRST: readonly (readonly KeyFamily[] | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const mine = KEY_FAMILIES.filter(({ prefix }) => prefix.charCodeAt(0) === code)
  return mine.length === 0 ? undefined : mine
})

/** What each ASCII character may be part of. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  return (
    (/[A-Z]/.test(character) ? UPPER : 0) |
    (/[a-z]/.test(character) ? LOWER : 0) |
    (/[0-9]/.test(character) ? DIGIT : 0) |
    (character === '_' ? UNDERSCORE : 0) |
    (character === '-' ? DASH : 0) |
    (character === '.' ? DOT : 0) |
    (/[+/=]/.test(character) ? BASE64 : 0) |
    (/[0-9a-f]/.test(character) ? HEX : 0)
  )
})

export function classOf(code: number): number {
  return code < 128 ? (CLASSES[code] ?? 0) : 0
}
