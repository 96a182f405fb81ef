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
