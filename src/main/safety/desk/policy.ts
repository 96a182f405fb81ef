import type { EffectiveRules } from '../../../shared/domain/safety.ts'
import { Direction, PrivateType, type CellMode, type SafetyRules } from '../../../shared/domain/safetyRules.ts'

/** Outermost first: what an agent was told live, what the room was told live, what the agent was launched with. */
export type RuleLayers = readonly SafetyRules[]

/** Where nobody says anything. */
const LAST_WORD = { mode: 'redact', unauthorised: 'refuse', injection: 'warn' } as const

/** The first layer that says something wins; within it a type outranks a direction, and a direction the mode. */
export function modeAt(layers: RuleLayers, type: PrivateType, direction: Direction): CellMode {
  for (const { types, directions, mode } of layers) {
    const said = types[type] ?? directions[direction] ?? mode
    if (said !== null && said !== undefined) return said
  }
  return LAST_WORD.mode
}

export function effectiveRules(layers: RuleLayers): EffectiveRules {
  const cells = byEach(PrivateType.options, (type) => byEach(Direction.options, (direction) => modeAt(layers, type, direction)))
  return { mode: firstOf(layers, 'mode'), cells, unauthorised: firstOf(layers, 'unauthorised'), injection: firstOf(layers, 'injection') }
}

/** Those that some direction is looked through for. */
export function typesLookedFor({ cells }: EffectiveRules): ReadonlySet<PrivateType> {
  return new Set(PrivateType.options.filter((type) => Direction.options.some((direction) => cells[type][direction] !== 'off')))
}

/** What holds after a change: a part that is not mentioned stays as it is, and null takes it back. */
export function changedRules(before: SafetyRules, change: Partial<SafetyRules>): SafetyRules {
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<SafetyRules>
  return { ...before, ...said }
}

/** For the audit: `mode block; types phone=off; injection refuse`. */
export function tellRules({ mode, types, directions, unauthorised, injection }: SafetyRules): string {
  const pairs = (name: string, said: object): string[] => {
    const list = Object.entries(said).map(([key, value]) => `${key}=${String(value)}`)
    return list.length > 0 ? [`${name} ${list.join(', ')}`] : []
  }
  const single = (name: string, said: string | null): string[] => (said === null ? [] : [`${name} ${said}`])
  const parts = [
    ...single('mode', mode),
    ...pairs('types', types),
    ...pairs('directions', directions),
    ...single('unauthorised', unauthorised),
    ...single('injection', injection),
  ]
  return parts.length > 0 ? parts.join('; ') : 'no rules of its own'
}

function firstOf<K extends keyof typeof LAST_WORD>(layers: RuleLayers, name: K): NonNullable<SafetyRules[K]> {
  for (const layer of layers) {
    const said = layer[name]
    if (said !== null) return said as NonNullable<SafetyRules[K]>
  }
  return LAST_WORD[name] as NonNullable<SafetyRules[K]>
}

function byEach<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>
}
