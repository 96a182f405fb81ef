import type { CellMode, SafetyPlan } from '../../shared/domain/safetyRules.ts'
import { CELL_WORDS, DIRECTION_WORDS, TYPE_LOOK } from './findingLook.ts'
import { DIRECTIONS, TYPES } from './ruleLayers.ts'

export interface SafetyLine {
  readonly term: string
  readonly value: string
}

/** What an agent is launched with beside its mode, a line for each thing that is said; none where nothing is. */
export function safetyLines({ rules, permissions, notPrivate }: SafetyPlan): SafetyLine[] {
  const incidents = [rules.unauthorised, rules.injection]
  return [
    ...line('By type', pairs(TYPES.map((type) => [TYPE_LOOK[type].word, rules.types[type]]))),
    ...line('By direction', pairs(DIRECTIONS.map((direction) => [DIRECTION_WORDS[direction], rules.directions[direction]]))),
    ...allowed('Models allowed', permissions.models),
    ...allowed('Tools allowed', permissions.tools),
    ...allowed('Hosts allowed', permissions.hosts),
    ...allowed('Paths allowed', permissions.paths),
    ...line('Not private', notPrivate),
    ...(incidents.includes('block') ? [{ term: 'Halted by', value: haltedBy(rules) }] : []),
  ]
}

function haltedBy({ unauthorised, injection }: SafetyPlan['rules']): string {
  return [...(unauthorised === 'block' ? ['unauthorised actions'] : []), ...(injection === 'block' ? ['prompt injections'] : [])].join(', ')
}

function pairs(entries: readonly (readonly [string, CellMode | undefined])[]): string[] {
  return entries.flatMap(([word, mode]) => (mode ? [`${word} ${CELL_WORDS[mode].toLowerCase()}`] : []))
}

const line = (term: string, values: readonly string[]): SafetyLine[] => (values.length > 0 ? [{ term, value: values.join(', ') }] : [])

/** Null is everything and so needs no line; an empty list is nothing. */
function allowed(term: string, names: readonly string[] | null): SafetyLine[] {
  if (names === null) return []
  return [{ term, value: names.length > 0 ? names.join(', ') : 'none' }]
}
