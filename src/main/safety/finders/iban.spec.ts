import { describe, expect, it } from 'vitest'
import { expectFoundAmongWords, expectSafeInPieces, matchesOf } from './testFinders.ts'
import { ibanFinder } from './iban.ts'

/** The examples of the IBAN register. */
const EXAMPLES = [
  'AD1200012030200359100100', 'AE070331234567890123456', 'AL47212110090000000235698741', 'AT611904300234573201', 'BE68539007547034', 'BG80BNBG96611020345678',
  'CH9300762011623852957', 'CY17002001280000001200527600', 'CZ6508000000192000145399', 'DE89370400440532013000', 'DK5000400440116243', 'EE382200221020145685',
  'ES9121000418450200051332', 'FI2112345600000785', 'FR1420041010050500013M02606', 'GB29NWBK60161331926819', 'GR1601101250000000012300695',
  'HR1210010051863000160', 'HU42117730161111101800000000', 'IE29AIBK93115212345678', 'IL620108000000099999999', 'IS140159260076545510730339',
  'IT60X0542811101000000123456', 'KW81CBKU0000000000001234560101', 'LI21088100002324013AA', 'LT121000011101001000', 'LU280019400644750000', 'LV80BANK0000435195001',
  'MC5811222000010123456789030', 'MT84MALT011000012345MTLCAST001S', 'NL91ABNA0417164300', 'NO9386011117947', 'PL61109010140000071219812874',
  'PT50000201231234567890154', 'RO49AAAA1B31007593840000', 'SA0380000000608010167519', 'SE4550000000058398257466', 'SI56263300012039086', 'SK3112000000198742637541',
  'TR330006100519786457841326', 'UA213223130000026007233566001', 'LC55HEMM000100010012001200023015',
]

const inFours = (iban: string, separator: string): string => (iban.match(/.{1,4}/g) ?? []).join(separator)

const WRITTEN: readonly (readonly [text: string, written: string])[] = [
  ...EXAMPLES.map((iban) => [iban, iban] as const),
  ...EXAMPLES.map((iban) => [`IBAN: ${inFours(iban, ' ')}.`, inFours(iban, ' ')] as const),
  ['gb29nwbk60161331926819', 'gb29nwbk60161331926819'],
  ['de89 3704 0044 0532 0130 00', 'de89 3704 0044 0532 0130 00'],
  ['DE89-3704-0044-0532-0130-00', 'DE89-3704-0044-0532-0130-00'],
  ['"iban":"DE89370400440532013000"', 'DE89370400440532013000'],
  ['iban=DE89370400440532013000&x=1', 'DE89370400440532013000'],
  ['(DE89 3704 0044 0532 0130 00)', 'DE89 3704 0044 0532 0130 00'],
  ['DE89 3704 0044 0532 0130 00 BIC COBADEFF', 'DE89 3704 0044 0532 0130 00'],
  ['_DE89370400440532013000_', 'DE89370400440532013000'],
  ['银行DE89370400440532013000号', 'DE89370400440532013000'],
  ['a,NO9386011117947,b', 'NO9386011117947'],
  ['IBAN\tBE68 5390 0754 7034\t', 'BE68 5390 0754 7034'],
]

const LOOK_ALIKES: readonly string[] = [
  'DE89370400440532013001', 'DE88370400440532013000', 'DE8937040044053201300', 'DE893704004405320130000', 'DE89 3704 0044 0532 0130 01', 'XX89370400440532013000',
  'US64SVBKUS6S3300958879', 'aDE89370400440532013000', '1DE89370400440532013000', 'a_DE89370400440532013000', 'DE89370400440532013000a', 'DE89370400440532013000_a',
  'X-DE89370400440532013000', 'DE89370400440532013000-7', 'dE89370400440532013000', 'Gb29nwbk60161331926819', 'GB29NWBK6016133192681x', 'DE 89370400440532013000',
  'DE8 9370 4004 4053 2013 000', 'DE89 370400440532013000', 'DE89 3704 00440532 0130 00', 'DE89 3704-0044 0532 0130 00', 'DE89.3704.0044.0532.0130.00',
  'DE', 'DE89', 'DE89 3704', 'DE89370400440532013', 'AT61', 'be 68', 'MT4 MT5', 'ISO8601', 'IS 14', 'SE45', 'NO93', 'GB2312', 'GB18030', 'AES256',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709', 'de89370400440532013000ff00aa', '123e4567-e89b-12d3-a456-426614174000', 'AD12 AND BE68', 'LT12 to LU28',
  '4111 1111 1111 1111', 'FR14 2004 1010 0505 0001 3M02 6', '',
]

describe('bank accounts', () => {
  it.each(WRITTEN)('finds one in %j', (text, written) => {
    expect(matchesOf(ibanFinder, text).map((match) => [match.type, text.slice(match.start, match.end), match.value]))
      .toEqual([['iban', written, written.replace(/[ -]/g, '').toUpperCase()]])
  })

  it.each(LOOK_ALIKES)('finds none in %j', (text) => {
    expect(matchesOf(ibanFinder, text)).toEqual([])
  })

  it('finds several, one after another', () => {
    const text = `${EXAMPLES.join(', ')}\n${EXAMPLES.map((iban) => inFours(iban, ' ')).join('\n')}`
    expect(matchesOf(ibanFinder, text).map(({ value }) => value)).toEqual([...EXAMPLES, ...EXAMPLES])
  })

  it('finds it in the same way between plain words', () => {
    expectFoundAmongWords(ibanFinder, WRITTEN.map(([text]) => text))
  })

  it('is the same in pieces', () => {
    expectSafeInPieces(ibanFinder, [...WRITTEN.map(([text]) => text), ...LOOK_ALIKES])
  })

  it('holds an account only while it may go on', () => {
    const open = (text: string): string => text.slice(ibanFinder.openFrom(text))
    expect(open('to DE89 3704 0044 0532 0130 00')).toBe('DE89 3704 0044 0532 0130 00')
    expect(open('to DE')).toBe('DE')
    expect(open('to d')).toBe('d')
    expect(open('to DE89 ')).toBe('DE89 ')
    expect(open('to DEAR')).toBe('')
    expect(open('to US')).toBe('')
    expect(open('to DE89 3704 0044 0532 0130 00 ')).toBe('')
    expect(open(`${'a'.repeat(1000)}`)).toBe('')
  })
})
