import { createRequire } from 'node:module'
import type Metadata from 'libphonenumber-js/max/metadata'

let loaded: typeof Metadata | null = null
/** 150 KB: not read before there is something that may be a number. */
const metadata = (): typeof Metadata => (loaded ??= createRequire(import.meta.url)('libphonenumber-js/max/metadata') as typeof Metadata)

/** What libphonenumber knows of one country: a pattern for all its numbers, and one for each kind of them. */
interface Plan {
  readonly all: RegExp
  readonly kinds: readonly RegExp[]
  readonly lengths: readonly number[]
}

// Its functions take 10 to 16 µs for one number, most of it compiling these patterns again; its data, compiled once, takes 0.3 µs.
const plansByCallingCode = new Map<string, readonly Plan[]>()

const entirely = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`)

function planOf(country: readonly unknown[]): Plan {
  const [, , all, lengths, , , , , , , , kinds] = country
  const patterns = Array.isArray(kinds) ? kinds.map((kind: unknown) => (Array.isArray(kind) ? String(kind[0] ?? '') : '')) : []
  return {
    all: entirely(String(all)),
    kinds: patterns.filter((pattern) => pattern !== '').map(entirely),
    lengths: Array.isArray(lengths) ? lengths.map(Number) : [],
  }
}

function plansOf(callingCode: string): readonly Plan[] {
  const known = plansByCallingCode.get(callingCode)
  if (known !== undefined) return known
  const countries: Readonly<Record<string, readonly unknown[] | undefined>> = metadata().countries
  const names: readonly string[] = metadata().country_calling_codes[callingCode] ?? []
  const plans = names.flatMap((name) => {
    const country = countries[name]
    return country === undefined ? [] : [planOf(country)]
  })
  plansByCallingCode.set(callingCode, plans)
  return plans
}

/** The country calling code at the beginning of an international number; none is the beginning of another. */
export function callingCodeOf(digits: string): string | null {
  for (let length = 1; length <= 3; length += 1) {
    const code = digits.slice(0, length)
    if (Object.hasOwn(metadata().country_calling_codes, code)) return code
  }
  return null
}

/** Whether such a number can be somebody's, after libphonenumber's data. `national` has no trunk zero. */
export function isAssignable(callingCode: string, national: string): boolean {
  return plansOf(callingCode).some(({ all, kinds, lengths }) => lengths.includes(national.length) && all.test(national) && (kinds.length === 0 || kinds.some((kind) => kind.test(national))))
}

/** Whether such a number has as many digits as the country's numbers have. */
export const isPossible = (callingCode: string, national: string): boolean =>
  plansOf(callingCode).some(({ lengths }) => lengths.includes(national.length))

/** Numbers that regulators keep free for films and examples: people type them in demos. */
const FICTIONAL = new RegExp(`^(?:${[
  '447700900[0-9]{3}', '441632960[0-9]{3}', '44113496[0-9]{4}', '442079460[0-9]{3}',
  '3532091[0-9]{5}', '61[2378]5550[0-9]{4}', '61491570[0-9]{3}', '33(?:19900|26191|35301|46571|53649|63998)[0-9]{4}',
].join('|')})$`)

export const isFictional = (digits: string): boolean => FICTIONAL.test(digits)

/** Whether a number of the American plan is one: 555 is nobody's, and so what people write down. */
export function isAmerican(national: string): boolean {
  if (national.length !== 10) return false
  if (national === '1234567890' || national.startsWith('555')) return true
  if (!hasAmericanShape(national)) return false
  return national.startsWith('555', 3) || isInAmericasPlan(national)
}

const MOST_REMEMBERED = 4096
const exchanges = new Map<string, boolean>()

/** Twenty-five countries share the plan, and who has a number is settled by its first six digits; not so in 52x, which is nobody's area. */
function isInAmericasPlan(national: string): boolean {
  if (national.startsWith('52')) return isAssignable('1', national)
  const exchange = national.slice(0, 6)
  const known = exchanges.get(exchange)
  if (known !== undefined) return known
  if (exchanges.size === MOST_REMEMBERED) exchanges.clear()
  const isAssigned = isAssignable('1', national)
  exchanges.set(exchange, isAssigned)
  return isAssigned
}

/** Neither area nor exchange begins with 0 or 1. */
export const hasAmericanShape = (national: string): boolean => national.charAt(0) >= '2' && national.charAt(3) >= '2'
