import { findInjections } from './findInjections.ts'
import type { InjectionRule } from './rules.ts'

export interface Rates {
  readonly detected: number
  readonly attacks: number
  readonly falseAlarms: number
  readonly benign: number
  readonly missed: readonly string[]
  readonly alarming: readonly string[]
  readonly byRule: Readonly<Record<string, RuleRates>>
}

interface RuleRates {
  readonly attacks: number
  /** By any rule, and by the one that was expected. */
  readonly detected: number
  readonly asExpected: number
  readonly falseAlarms: number
}

export function ratesOf(attacks: Readonly<Record<string, readonly string[]>>, benign: readonly string[]): Rates {
  const fired = (text: string): ReadonlySet<InjectionRule> => new Set(findInjections(text).map(({ rule }) => rule))
  const missed: string[] = []
  const alarms = benign.map((text) => ({ text, rules: fired(text) }))
  const byRule: Record<string, RuleRates> = {}
  for (const [rule, texts] of Object.entries(attacks)) {
    const found = texts.map((text) => ({ text, rules: fired(text) }))
    missed.push(...found.filter(({ rules }) => rules.size === 0).map(({ text }) => `${rule}: ${text}`))
    byRule[rule] = {
      attacks: texts.length,
      detected: found.filter(({ rules }) => rules.size > 0).length,
      asExpected: found.filter(({ rules }) => rules.has(rule as InjectionRule)).length,
      falseAlarms: alarms.filter(({ rules }) => rules.has(rule as InjectionRule)).length,
    }
  }
  const all = Object.values(attacks).flat().length
  const alarming = alarms.filter(({ rules }) => rules.size > 0)
  return {
    detected: all - missed.length,
    attacks: all,
    falseAlarms: alarming.length,
    benign: benign.length,
    missed,
    alarming: alarming.map(({ text, rules }) => `${[...rules].join(', ')}: ${text}`),
    byRule,
  }
}

/** As it stands in docs/safety.md. */
export function ratesTable(tuning: Rates, heldOut: Rates): string {
  const of = (count: number, all: number): string => `${String(count)} / ${String(all)}`
  const rows = Object.keys(tuning.byRule).map((rule) => {
    const [a, b] = [tuning.byRule[rule], heldOut.byRule[rule]]
    if (a === undefined || b === undefined) throw new RangeError(`no samples of ${rule} in both halves`)
    return [rule, of(a.detected, a.attacks), of(b.detected, b.attacks), of(b.asExpected, b.attacks), of(a.falseAlarms, tuning.benign), of(b.falseAlarms, heldOut.benign)]
  })
  rows.push([
    'all',
    of(tuning.detected, tuning.attacks),
    of(heldOut.detected, heldOut.attacks),
    '',
    of(tuning.falseAlarms, tuning.benign),
    of(heldOut.falseAlarms, heldOut.benign),
  ])
  const head = ['Rule', 'Found, tuned on', 'Found, held out', 'By this very rule', 'False alarms, tuned on', 'False alarms, held out']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
