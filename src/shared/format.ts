import { NANODOLLARS_PER_DOLLAR } from './domain/money.ts'

/** How numbers look to people, at every edge the same: window, terminal and mail. No schema: the renderer uses it too. */

const NANODOLLARS_PER_CENT = NANODOLLARS_PER_DOLLAR / 100

/** `$5.29`, `$1,234.50`, `-$0.03`: whole cents, half a cent away from zero. */
export function formatMoney(amount: number): string {
  const cents = Math.floor((Math.abs(amount) + NANODOLLARS_PER_CENT / 2) / NANODOLLARS_PER_CENT)
  const sign = amount < 0 && cents > 0 ? '-' : ''
  return `${sign}$${groupThousands(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`
}

/** `50.00`, `0.25`, `0.000125`: not a nanodollar is lost, and `parseDollars` reads it back. */
export function formatExactDollars(amount: number): string {
  const whole = Math.floor(amount / NANODOLLARS_PER_DOLLAR)
  const fraction = String(amount % NANODOLLARS_PER_DOLLAR).padStart(9, '0').replace(/0+$/, '')
  return `${whole}.${fraction.padEnd(2, '0')}`
}

/** `$0.0036`, `$0.12`, `$1,234.50`: for single calls; below a dollar not a nanodollar is lost, above it cents will do. */
export function formatSmallMoney(amount: number): string {
  if (Math.abs(amount) >= NANODOLLARS_PER_DOLLAR) return formatMoney(amount)
  return `${amount < 0 ? '-' : ''}$${formatExactDollars(Math.abs(amount))}`
}

/** `$5.29`, `$0.0448`: what was spent of a limit; finer where cents would hide it, below a cent or of less than a dollar. */
export function formatSpent(spent: number, limit: number): string {
  if (spent >= NANODOLLARS_PER_CENT && limit < NANODOLLARS_PER_DOLLAR) return formatSmallMoney(roundedTo(spent, NANODOLLARS_PER_CENT / 100))
  return formatRate(spent)
}

/** `$0.23`, `$0.0036`: of a unit or an hour; whole cents, and below a cent two digits that count. */
export function formatRate(amount: number): string {
  if (amount >= NANODOLLARS_PER_CENT || amount < 1) return formatMoney(amount)
  return formatSmallMoney(roundedTo(amount, 10 ** Math.max(0, String(amount).length - 2)))
}

function roundedTo(amount: number, step: number): number {
  return Math.floor((amount + step / 2) / step) * step
}

/** `$0.23 avg/lead`. */
export function formatAverage(average: number, unit: string): string {
  return `${formatRate(average)} avg/${unit}`
}

/** `Projection: $23.00 total`. */
export function formatProjection(projection: number): string {
  return `Projection: ${formatMoney(projection)} total`
}

/** `vs Baseline: $64.86 saved`, or `vs Baseline: $3.10 more` where less than nothing was saved. */
export function formatBaseline(saved: number): string {
  return `vs Baseline: ${formatMoney(Math.abs(saved))} ${saved < 0 ? 'more' : 'saved'}`
}

/** `Approve $25 increase`: cents only where there are any. */
export function formatIncrease(amount: number): string {
  const isWhole = amount % NANODOLLARS_PER_DOLLAR === 0
  return `Approve ${isWhole ? formatMoney(amount).slice(0, -'.00'.length) : formatSmallMoney(amount)} increase`
}

/** Tenths of a percent, half a tenth up: 106 for $5.29 of $50. Of nothing, everything is all of it. */
export function tenthsOfPercent(part: number, whole: number): number {
  if (whole <= 0) return part > 0 ? 1000 : 0
  // Large sums times a thousand do not fit into a double.
  return Number((BigInt(part) * 2000n + BigInt(whole)) / (2n * BigInt(whole)))
}

/** `10.6%`. */
export function formatPercent(part: number, whole: number): string {
  const tenths = tenthsOfPercent(part, whole)
  return `${groupThousands(Math.floor(tenths / 10))}.${tenths % 10}%`
}

/** `1,234`. */
export function formatTokens(count: number): string {
  return groupThousands(count)
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `850 ms`, `12 s`, `1 min 5 s`, `2 h 3 min`, `4 d 2 h`: the two largest units, rounded down. */
export function formatDuration(lengthMs: number): string {
  const length = Math.max(0, Math.floor(lengthMs))
  if (length < SECOND) return `${length} ms`
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`
  if (length < HOUR) return twoUnits(length, MINUTE, 'min', SECOND, 's')
  if (length < DAY) return twoUnits(length, HOUR, 'h', MINUTE, 'min')
  return twoUnits(length, DAY, 'd', HOUR, 'h')
}

/** `850 ms`, `1.2 s`, `1 min 5 s`: of the seconds of a single call the tenths matter. */
export function formatLatency(lengthMs: number): string {
  if (lengthMs < SECOND || lengthMs >= MINUTE) return formatDuration(lengthMs)
  const tenths = Math.floor(lengthMs / (SECOND / 10))
  return `${Math.floor(tenths / 10)}.${tenths % 10} s`
}

function twoUnits(length: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((length % large) / small)
  const first = `${Math.floor(length / large)} ${largeName}`
  return rest === 0 ? first : `${first} ${rest} ${smallName}`
}

/** `14:23:45`, in the time of the place where it is read. */
export function formatClock(moment: number): string {
  const date = new Date(moment)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
}

/** `2026-11-21 14:23:45`, in the time of the place where it is read. */
export function formatMoment(moment: number): string {
  const date = new Date(moment)
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())} ${formatClock(moment)}`
}

/** `2026-11-21`, in the time of the place where it is read. */
export const formatDay = (moment: number): string => formatMoment(moment).slice(0, 10)

function twoDigits(part: number): string {
  return String(part).padStart(2, '0')
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `512 bytes`, `1.2 MB`, `40 GB`: powers of ten, as disks are sold. */
export function formatBytes(count: number): string {
  let value = count
  let unit = 0
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const text = unit === 0 || value >= 10 ? String(Math.floor(value)) : (Math.floor(value * 10) / 10).toFixed(1)
  return `${text} ${BYTE_UNITS[unit]}`
}

/** `1 survivor`, `0 survivors`, `3 processes`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

function groupThousands(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',')
}
