import type { SafetyCounts } from '../../shared/domain/safety.ts'
import { PrivateType } from '../../shared/domain/safetyRules.ts'
import { formatCount } from '../../shared/format.ts'

/** What safety has seen of a run: a line for each thing that there is to say. */
export function describeSafety({ found, redacted, blocked, warned, unauthorised, injection, byType }: SafetyCounts): string[] {
  const types = PrivateType.options.flatMap((type) => (byType[type] ? [`${byType[type]} ${type}`] : []))
  const fates = [fate(redacted, 'redacted'), fate(blocked, 'blocked'), fate(warned, 'noted down')].flat()
  return [
    ...(found > 0 ? [`Private data ${fates.join(', ')}: ${types.join(', ')}`] : []),
    ...(unauthorised > 0 ? [formatCount(unauthorised, 'unauthorised action')] : []),
    ...(injection > 0 ? [formatCount(injection, 'prompt-injection attempt')] : []),
  ]
}

function fate(count: number, word: string): string[] {
  return count > 0 ? [`${word} ${count === 1 ? 'once' : `${count} times`}`] : []
}
