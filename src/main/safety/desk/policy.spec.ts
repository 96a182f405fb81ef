import { describe, expect, it } from 'vitest'
import { type CellMode, Direction, NO_RULES, PrivateType, type SafetyRules } from '../../../shared/domain/safetyRules.ts'
import { changedRules, effectiveRules, modeAt, tellRules, typesLookedFor } from './policy.ts'

const rules = (changes: Partial<SafetyRules>): SafetyRules => ({ ...NO_RULES, ...changes })

/** What a layer can say about one cell, the strongest first. */
const SAYINGS = ['type', 'direction', 'mode'] as const
type Saying = (typeof SAYINGS)[number]

function saying(kind: Saying | null, mode: CellMode, type: PrivateType, direction: Direction): SafetyRules {
  if (kind === 'type') return rules({ types: { [type]: mode } })
  if (kind === 'direction') return rules({ directions: { [direction]: mode } })
  return rules(kind === 'mode' ? { mode: mode === 'off' ? 'warn' : mode } : {})
}

describe('what holds for a type in a direction', () => {
  const cells = PrivateType.options.flatMap((type) => Direction.options.map((direction) => [type, direction] as const))

  it.each(cells)('for %s in %s is what the first layer says that says anything, whatever the later ones say', (type, direction) => {
    const kinds = [...SAYINGS, null]
    for (const own of kinds) {
      for (const room of kinds) {
        for (const plan of kinds) {
          const layers = [saying(own, 'block', type, direction), saying(room, 'warn', type, direction), saying(plan, 'redact', type, direction)]
          const expected = own ? 'block' : room ? 'warn' : 'redact'
          expect(modeAt(layers, type, direction)).toBe(expected)
          expect(effectiveRules(layers).cells[type][direction]).toBe(expected)
        }
      }
    }
  })

  it.each(cells)('for %s in %s is by its type, then by its direction, then by the mode of one layer', (type, direction) => {
    const all = rules({ types: { [type]: 'off' }, directions: { [direction]: 'block' }, mode: 'warn' })
    expect(modeAt([all], type, direction)).toBe('off')
    expect(modeAt([{ ...all, types: {} }], type, direction)).toBe('block')
    expect(modeAt([{ ...all, types: {}, directions: {} }], type, direction)).toBe('warn')
    expect(modeAt([{ ...all, types: {}, directions: {}, mode: null }], type, direction)).toBe('redact')
  })

  it('is not what is said of another type or direction', () => {
    const layers = [rules({ types: { phone: 'off' }, directions: { terminal: 'warn' } })]
    for (const [type, direction] of cells) {
      expect(modeAt(layers, type, direction)).toBe(type === 'phone' ? 'off' : direction === 'terminal' ? 'warn' : 'redact')
    }
  })

  it('is "redact" where nobody says anything, and incidents are as documented', () => {
    const { mode, cells: told, unauthorised, injection } = effectiveRules([NO_RULES, NO_RULES, NO_RULES])
    expect([mode, unauthorised, injection]).toEqual(['redact', 'refuse', 'warn'])
    expect(new Set(Object.values(told).flatMap((row) => Object.values(row)))).toEqual(new Set(['redact']))
    expect(effectiveRules([])).toEqual(effectiveRules([NO_RULES]))
  })

  it('says of mode and incidents what the first layer says', () => {
    const layers = [rules({ injection: 'block' }), rules({ mode: 'warn', injection: 'refuse', unauthorised: 'warn' }), rules({ mode: 'block' })]
    expect(effectiveRules(layers)).toMatchObject({ mode: 'warn', injection: 'block', unauthorised: 'warn' })
  })
})

it('a type is looked for as long as one direction has it', () => {
  const looked = (own: Partial<SafetyRules>): string[] => [...typesLookedFor(effectiveRules([rules(own)]))]
  expect(looked({})).toEqual(PrivateType.options)
  expect(looked({ types: { ip: 'off', email: 'off' } })).toEqual(PrivateType.options.filter((type) => type !== 'ip' && type !== 'email'))
  expect(looked({ directions: { terminal: 'off', tools: 'off', 'to-model': 'off' } })).toEqual(PrivateType.options)
  expect(looked({ directions: { terminal: 'off', tools: 'off', 'to-model': 'off', 'from-model': 'off' } })).toEqual([])
})

it('a change leaves alone what it does not mention, and null takes back', () => {
  const before = rules({ mode: 'block', types: { phone: 'off' }, injection: 'block' })
  expect(changedRules(before, {})).toEqual(before)
  expect(changedRules(before, { mode: undefined, types: {} })).toEqual({ ...before, types: {} })
  expect(changedRules(before, { mode: null, injection: null, directions: { tools: 'warn' } })).toEqual(rules({ types: { phone: 'off' }, directions: { tools: 'warn' } }))
})

it('rules are told in one line', () => {
  expect(tellRules(NO_RULES)).toBe('no rules of its own')
  expect(tellRules(rules({ mode: 'block', types: { phone: 'off', ip: 'warn' }, directions: { terminal: 'off' }, unauthorised: 'warn', injection: 'refuse' }))).toBe(
    'mode block; types phone=off, ip=warn; directions terminal=off; unauthorised warn; injection refuse',
  )
})
