import type { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { BEGINNINGS } from './disguises.ts'
import { apiKeyFinder } from '../finders/apiKey.ts'
import { cardFinder } from '../finders/card.ts'
import { emailFinder } from '../finders/email.ts'
import { ibanFinder } from '../finders/iban.ts'
import { ipFinder } from '../finders/ip.ts'
import { phoneFinder } from '../finders/phone.ts'
import { taxNumberFinder } from '../finders/taxNumber.ts'
import type { Finder } from './scanner.ts'

/** Kinds of characters that a text may hold. */
const DIGIT = 1
const AT = 2
const COLON = 4
const OPENING = 8
const ANY = 16
/** It may stand for another one, or be the beginning of what does. */
export const DISGUISE = 32
export const EVERY_KIND = DIGIT | AT | COLON | OPENING | ANY | DISGUISE

const KINDS = new Uint8Array(0x80).fill(ANY)
for (let code = 0x30; code <= 0x39; code++) KINDS[code] = ANY | DIGIT
KINDS[0x40] = ANY | AT
KINDS[0x3a] = ANY | COLON
KINDS[0x28] = ANY | OPENING
KINDS[0x2b] = ANY | OPENING
// A space is part of a disguise only where a bracket is.
for (let code = 0; code < 0x80; code++) if (BEGINNINGS[code] === 1 && code !== 0x20) KINDS[code]! |= DISGUISE

export interface Family {
  readonly finder: Finder
  readonly types: readonly PrivateType[]
  /** One of these kinds of characters is in all that it finds. */
  readonly findNeeds: number
  /** One of these is in all that may become something it finds. */
  readonly openNeeds: number
}

export const FAMILIES: readonly Family[] = [
  { finder: apiKeyFinder, types: ['api-key'], findNeeds: ANY, openNeeds: ANY },
  { finder: emailFinder, types: ['email'], findNeeds: AT, openNeeds: ANY },
  { finder: ibanFinder, types: ['iban'], findNeeds: DIGIT, openNeeds: ANY },
  { finder: cardFinder, types: ['card'], findNeeds: DIGIT, openNeeds: DIGIT },
  { finder: taxNumberFinder, types: ['ssn', 'itin'], findNeeds: DIGIT, openNeeds: DIGIT },
  { finder: phoneFinder, types: ['phone'], findNeeds: DIGIT, openNeeds: DIGIT | OPENING },
  { finder: ipFinder, types: ['ip'], findNeeds: DIGIT | COLON, openNeeds: ANY },
]

export function secretFamily(finder: Finder): Family {
  return { finder, types: ['secret'], findNeeds: ANY, openNeeds: ANY }
}

/** Which kinds of characters there are in the text from here on. */
export function kindsIn(text: string, from: number): number {
  let kinds = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    kinds |= code < 0x80 ? KINDS[code]! : ANY | DISGUISE
  }
  return kinds
}
