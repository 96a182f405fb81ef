import type { PrivateType } from '../../../shared/domain/safetyRules.ts'
import type { Match, Scanner } from '../scan/scanner.ts'
import { FAMILIES, type Sample } from './readCorpus.ts'

export interface Score {
  readonly type: PrivateType
  /** Values that were to be found, and were: of the right type, from the first character to the last. */
  readonly found: number
  readonly missed: readonly string[]
  /** What was found and is none, or not where it stands. */
  readonly false: readonly string[]
  readonly precision: number
  readonly recall: number
}

/** How well a scanner does. In a sample only the types count that it is about: an IP address among phone numbers is none of theirs. */
export function measureCorpus(scanner: Scanner, samples: readonly Sample[]): Score[] {
  const types = [...new Set(Object.values(FAMILIES).flat())]
  return types.map((type) => {
    let found = 0
    const missed: string[] = []
    const wrong: string[] = []
    for (const { family, text, expected } of samples) {
      if (!(FAMILIES[family] as readonly PrivateType[]).includes(type)) continue
      const wanted = expected.filter((one) => one.type === type)
      const given = scanner.scan(text).filter((one) => one.type === type)
      const isSame = (one: Pick<Match, 'start' | 'end'>) => (other: Pick<Match, 'start' | 'end'>) => one.start === other.start && one.end === other.end
      for (const one of wanted) {
        if (given.some(isSame(one))) found++
        else missed.push(text)
      }
      for (const one of given) if (!wanted.some(isSame(one))) wrong.push(text)
    }
    return { type, found, missed, false: wrong, precision: ratio(found, found + wrong.length), recall: ratio(found, found + missed.length) }
  })
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}
