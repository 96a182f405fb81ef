import { AppError } from '../../shared/errors.ts'
import type { Clock } from '../ports.ts'

/** Far more than somebody mistypes, far fewer than it takes to guess a password. */
export const NAME_LIMIT = { most: 10, withinMs: 5 * 60_000 }
/** Each attempt costs a quarter of a second of one core. */
export const ADDRESS_LIMIT = { most: 30, withinMs: 60_000 }

/** An attempt counts from its beginning: a thousand at once are no way around. */
export interface Attempt {
  /** It was no failure: the name's earlier ones are forgiven. */
  succeed(): void
}

export interface SignInLimits {
  /** Refuses with RATE_LIMITED, for names that exist and others alike. */
  begin(name: string, address: string | null): Attempt
}

interface Window {
  /** Moments of attempts, oldest first. */
  at: number[]
}

/** What it says of too many names whose attempts these were. */
export function createSignInLimits(clock: Clock, what = 'sign-ins of this name'): SignInLimits {
  const names = new Map<string, Window>()
  const addresses = new Map<string, Window>()

  /** What lies behind the window, or before it since the clock was set back, is forgotten, and so are keys with nothing in theirs: strangers cannot fill the memory. */
  function current(windows: Map<string, Window>, key: string, withinMs: number): Window {
    const now = clock.now()
    for (const [other, window] of windows) {
      window.at = window.at.filter((at) => Math.abs(now - at) < withinMs)
      if (window.at.length === 0) windows.delete(other)
    }
    return windows.get(key) ?? { at: [] }
  }

  function requireRoom({ at }: Window, { most, withinMs }: typeof NAME_LIMIT, whose: string): void {
    if (at.length < most) return
    const waitSeconds = Math.max(1, Math.ceil((at[0]! + withinMs - clock.now()) / 1000))
    throw new AppError('RATE_LIMITED', `Too many ${whose} have failed; try again in ${waitSeconds} seconds.`, { waitSeconds })
  }

  return {
    begin(name, address) {
      const ofName = current(names, name, NAME_LIMIT.withinMs)
      const ofAddress = address === null ? null : current(addresses, address, ADDRESS_LIMIT.withinMs)
      requireRoom(ofName, NAME_LIMIT, what)
      if (ofAddress) requireRoom(ofAddress, ADDRESS_LIMIT, 'sign-ins from this address')
      const now = clock.now()
      ofName.at.push(now)
      names.set(name, ofName)
      if (address !== null && ofAddress) {
        ofAddress.at.push(now)
        addresses.set(address, ofAddress)
      }
      return {
        succeed() {
          names.delete(name)
          ofAddress?.at.splice(ofAddress.at.indexOf(now), ofAddress.at.includes(now) ? 1 : 0)
        },
      }
    },
  }
}
