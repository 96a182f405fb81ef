import type { AgentId } from '../../../shared/domain/agent.ts'
import type { EffectiveRules, SafetyCounts } from '../../../shared/domain/safety.ts'
import { NO_RULES, PrivateType, type SafetyPlan, type SafetyRules } from '../../../shared/domain/safetyRules.ts'
import { noCounts } from '../../audit/safetyCounts.ts'
import { effectiveRules, typesLookedFor } from './policy.ts'
import type { Match, Scanner } from '../scan/scanner.ts'
import type { ScannerOptions } from '../sinkRedactor.ts'

/** What is known of one agent's safety. */
export interface Watch {
  readonly agentId: AgentId
  readonly name: string
  readonly plan: SafetyPlan | null
  override: SafetyRules
  effective: EffectiveRules
  counts: SafetyCounts
  /** It is being halted, or was: once for each run. */
  isHalted: boolean
  /** What looks through its texts. */
  scanner(): Scanner
  /** The same for whoever may not know its secrets: what finds them tells which guess is right. */
  scannerWithoutSecrets(): Scanner
  /** Looks for every type, for a part of a run that wants more than the rules do. */
  strictScanner(): Scanner
  /** What looks through what we keep: everything is private there. */
  keeper(): Scanner
  /** Rules, allowances or secrets are others now. */
  renew(room: SafetyRules): void
}

export interface WatchOptions {
  readonly agentId: AgentId
  readonly name: string
  readonly plan: SafetyPlan | null
  readonly override?: SafetyRules
  readonly room: SafetyRules
  readonly counts?: SafetyCounts
  readonly createScanner: (options: ScannerOptions) => Scanner
  /** As things stand when it is asked. */
  readonly secrets: () => readonly string[]
  readonly isNotPrivate: () => (match: Match) => boolean
}

const EVERY_TYPE: ReadonlySet<PrivateType> = new Set(PrivateType.options)

export function createWatch(options: WatchOptions): Watch {
  const { agentId, name, plan, room, createScanner, secrets, isNotPrivate } = options
  let scanner: Scanner | null = null
  let strict: Scanner | null = null
  let keeper: Scanner | null = null
  const resolved = (own: SafetyRules, ofRoom: SafetyRules): EffectiveRules => effectiveRules([own, ofRoom, plan?.rules ?? NO_RULES])

  const watch: Watch = {
    agentId,
    name,
    plan,
    override: options.override ?? NO_RULES,
    effective: resolved(options.override ?? NO_RULES, room),
    counts: options.counts ?? noCounts(),
    isHalted: false,
    scanner: () => (scanner ??= createScanner({ types: typesLookedFor(watch.effective), secrets: secrets(), isNotPrivate: isNotPrivate() })),
    scannerWithoutSecrets: () => createScanner({ types: typesLookedFor(watch.effective), isNotPrivate: isNotPrivate() }),
    strictScanner: () => (strict ??= createScanner({ types: EVERY_TYPE, secrets: secrets(), isNotPrivate: isNotPrivate() })),
    keeper: () => (keeper ??= createScanner({ types: EVERY_TYPE, secrets: secrets() })),
    renew(ofRoom) {
      watch.effective = resolved(watch.override, ofRoom)
      scanner = null
      strict = null
      keeper = null
    },
  }
  return watch
}
