import type { EffectiveRules } from '../../shared/domain/safety.ts'
import type { CellMode, Direction, IncidentMode, PrivateType, SafetyRules } from '../../shared/domain/safetyRules.ts'

/** In the order in which they are shown; the schema's own, without the schema. */
export const TYPES: readonly PrivateType[] = ['email', 'phone', 'ssn', 'itin', 'card', 'iban', 'ip', 'api-key', 'secret']
export const DIRECTIONS: readonly Direction[] = ['to-model', 'from-model', 'tools', 'terminal']

export const SILENT_LAYER: SafetyRules = { mode: null, types: {}, directions: {}, unauthorised: null, injection: null }

/** The layers of rules that hold for an agent, the strongest first. */
export interface RuleLayers {
  /** Said of this agent in the room. */
  readonly agent: SafetyRules
  /** Said of all agents in the room. */
  readonly room: SafetyRules
  /** What it was launched with. */
  readonly launch: SafetyRules
}

export type RuleOrigin = keyof RuleLayers | 'default'

export interface ExplainedCell {
  readonly mode: CellMode
  readonly origin: RuleOrigin
  /** Which line of that layer says it. */
  readonly by: 'type' | 'direction' | 'mode'
}

const ORDER = ['agent', 'room', 'launch'] as const

/** The first layer that says something wins; within a layer a type outranks a direction, and a direction the mode. */
export function explainCell(layers: RuleLayers, type: PrivateType, direction: Direction): ExplainedCell {
  for (const origin of ORDER) {
    const { types, directions, mode } = layers[origin]
    const ofType = types[type]
    if (ofType) return { mode: ofType, origin, by: 'type' }
    const ofDirection = directions[direction]
    if (ofDirection) return { mode: ofDirection, origin, by: 'direction' }
    if (mode) return { mode, origin, by: 'mode' }
  }
  return { mode: 'redact', origin: 'default', by: 'mode' }
}

export interface ExplainedIncident {
  readonly mode: IncidentMode
  readonly origin: RuleOrigin
}

export const INCIDENT_KINDS = ['unauthorised', 'injection'] as const
export type IncidentKind = (typeof INCIDENT_KINDS)[number]

const INCIDENT_DEFAULTS: Record<IncidentKind, IncidentMode> = { unauthorised: 'refuse', injection: 'warn' }

export function explainIncident(layers: RuleLayers, kind: IncidentKind): ExplainedIncident {
  for (const origin of ORDER) {
    const mode = layers[origin][kind]
    if (mode) return { mode, origin }
  }
  return { mode: INCIDENT_DEFAULTS[kind], origin: 'default' }
}

export type RuleCells = EffectiveRules['cells']

export function cellsOf(layers: RuleLayers): RuleCells {
  const row = (type: PrivateType): Record<Direction, CellMode> => ({
    'to-model': explainCell(layers, type, 'to-model').mode,
    'from-model': explainCell(layers, type, 'from-model').mode,
    tools: explainCell(layers, type, 'tools').mode,
    terminal: explainCell(layers, type, 'terminal').mode,
  })
  return {
    email: row('email'),
    phone: row('phone'),
    ssn: row('ssn'),
    itin: row('itin'),
    card: row('card'),
    iban: row('iban'),
    ip: row('ip'),
    'api-key': row('api-key'),
    secret: row('secret'),
  }
}

export function isSilent({ mode, types, directions, unauthorised, injection }: SafetyRules): boolean {
  return mode === null && unauthorised === null && injection === null && isEmpty(types) && isEmpty(directions)
}

const isEmpty = (record: object): boolean => Object.values(record).every((value) => value === undefined)

export function areSame(one: SafetyRules, other: SafetyRules): boolean {
  return fingerprint(one) === fingerprint(other)
}

function fingerprint({ mode, types, directions, unauthorised, injection }: SafetyRules): string {
  return JSON.stringify([mode, TYPES.map((type) => types[type] ?? null), DIRECTIONS.map((direction) => directions[direction] ?? null), unauthorised, injection])
}

/** Null takes the line out again, so that the next layer says it. */
export function withType(rules: SafetyRules, type: PrivateType, mode: CellMode | null): SafetyRules {
  return { ...rules, types: written(rules.types, type, mode) }
}

export function withDirection(rules: SafetyRules, direction: Direction, mode: CellMode | null): SafetyRules {
  return { ...rules, directions: written(rules.directions, direction, mode) }
}

function written<K extends string>(lines: Partial<Record<K, CellMode>>, key: K, mode: CellMode | null): Partial<Record<K, CellMode>> {
  const next = { ...lines }
  if (mode === null) delete next[key]
  else next[key] = mode
  return next
}

/** In how many of the 36 cells something else holds than the mode of the whole. */
export function exceptionsFrom(rules: EffectiveRules): number {
  return TYPES.flatMap((type) => DIRECTIONS.map((direction) => rules.cells[type][direction])).filter((mode) => mode !== rules.mode).length
}

export interface CellChanges {
  /** How many of the 36 cells will stand at each mode that did not before. */
  readonly to: Readonly<Record<CellMode, number>>
}

export function changesBetween(before: RuleCells, after: RuleCells): CellChanges {
  const to: Record<CellMode, number> = { redact: 0, block: 0, warn: 0, off: 0 }
  for (const type of TYPES) {
    for (const direction of DIRECTIONS) {
      if (before[type][direction] !== after[type][direction]) to[after[type][direction]] += 1
    }
  }
  return { to }
}
