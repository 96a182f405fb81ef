/** One line of a table of results. */
export interface Figure {
  readonly what: string
  readonly figure: string
  /** Beside what stands for the least possible, on the same machine in the same minutes. */
  readonly ratio: string
  readonly goal: string
  readonly isMet: boolean | null
}

export interface Goal {
  readonly text: string
  readonly isMet: boolean
}

export const below = (limit: number, value: number, unit = 'ms'): Goal => ({ text: `< ${limit} ${unit}`, isMet: value < limit })
export const atLeast = (limit: number, value: number): Goal => ({ text: `≥ ${limit}×`, isMet: value >= limit })

export function line(what: string, figure: string, ratio: string | null, goal: Goal | null = null): Figure {
  return { what, figure: figure || '–', ratio: ratio ?? '–', goal: goal?.text ?? '–', isMet: goal?.isMet ?? null }
}

export const times = (value: number): string => `${value}×`
export const over = (value: number, base: number): string => times(Number((value / base).toPrecision(2)))
