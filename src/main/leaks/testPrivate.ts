import { seeds } from '../testSeeds.ts'

/** Who holds which invented private data: a leak tells by its seed from where it came. For specs only. */
type Seeds = Readonly<Record<string, string>>

/** What an agent has, and sends and shows wherever it can. */
export const held: Seeds = seeds

/** What the provider says, without being asked. */
export const answered: Seeds = {
  email: 'answered.lead@beta-invented.test',
  phone: '(212) 555-0147',
  ssn: '219-09-9999',
  card: '5555 5555 5555 4444',
  iban: 'GB29 NWBK 6016 1331 9268 19',
  ip: '203.0.113.9',
  apiKey: ['sk', 'ant', 'api03', 'inventedZ9x8C7v6B5n4M3a2S1d0'].join('-'),
}

/** What people write into reasons and forms. */
export const typed: Seeds = {
  email: 'typed.boss@gamma-invented.test',
  phone: '+1 206 555 0123',
  ssn: '457-55-5462',
  card: '3782 822463 10005',
  iban: 'FR14 2004 1010 0505 0001 3M02 606',
  ip: '192.0.2.199',
  apiKey: ['ghp', 'inventedK1j2H3g4F5d6S7a8P9o0I1u2Y3t4'].join('_'),
}

/** Values of variables that are called a key and a token; not even their encodings may be seen. */
export const secrets: Seeds = {
  storeKey: 'invented store+value/7Qx2 äöü==',
  accessToken: ['invented', 'access', 'Jw8~nR3', 'value'].join('-'),
}

/** One text with all of them, as a careless program writes it. */
export const inOneText = (wanted: Seeds): string => Object.entries(wanted).map(([name, value]) => `${name} ${value}`).join(', ')

const under = (prefix: string, wanted: Seeds): [string, string][] => Object.entries(wanted).map(([name, value]) => [`${prefix} ${name}`, value])

/** As they are compared: without what is only there to be read by people. */
function withPlainForms(all: readonly [string, string][]): Seeds {
  const plain = all.flatMap(([name, value]): [string, string][] => {
    const kind = name.split(' ')[1] ?? ''
    if (!['phone', 'ssn', 'card', 'iban'].includes(kind)) return []
    return [[`${name}, bare`, value.replace(kind === 'phone' ? /^\+1|\D/g : /[^A-Z0-9]/g, '')]]
  })
  return Object.fromEntries([...all, ...plain])
}

export const heldForms: Seeds = withPlainForms([...under('held', held), ...under('secret', secrets)])
export const answeredForms: Seeds = withPlainForms(under('answered', answered))
export const everyForm: Seeds = { ...heldForms, ...answeredForms, ...withPlainForms(under('typed', typed)) }
