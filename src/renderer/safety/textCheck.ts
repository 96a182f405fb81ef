import type { CommandOutput } from '../../shared/contract/contract.ts'
import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'
import { formatCount } from '../../shared/format.ts'
import { TYPE_LOOK, typeWord } from './findingLook.ts'

export type TextCheck = CommandOutput<'safety.check'>

/** `Email, HIGH risk: 2`, each type once, and each rule of an injection. */
export function checkSentences({ findings, injections }: TextCheck): string[] {
  const types = Map.groupBy(findings, ({ type }) => type)
  const rules = Map.groupBy(injections, ({ rule }) => rule)
  return [
    ...[...types].map(([type, found]) => `${TYPE_LOOK[type].word}, ${PRIVATE_TYPES[type].risk} risk: ${found.length}`),
    ...[...rules].map(([rule, found]) => `Prompt injection, ${typeWord(rule).toLowerCase()}: ${found.length}`),
  ]
}

export function checkTitle({ findings, injections }: TextCheck): string {
  const count = findings.length + injections.length
  return count === 0 ? 'Nothing would be found in it.' : `${formatCount(count, 'finding')}. This is what would go on where the rules say Redact:`
}
