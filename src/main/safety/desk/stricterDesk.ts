import type { CellMode, SafetyMode } from '../../../shared/domain/safetyRules.ts'
import type { SafetyDesk } from './safetyDesk.ts'

/** The same desk for a part of a run that wants at least this; what the rules say is never loosened. */
export function stricterDesk(desk: SafetyDesk, atLeast: SafetyMode | null): SafetyDesk {
  if (atLeast === null) return desk
  return {
    ...desk,
    scannerFor: (agentId) => desk.scannerFor(agentId, atLeast),
    judge: (sighting) => desk.judge({ ...sighting, atLeast }),
  }
}

const STRICTNESS: readonly CellMode[] = ['off', 'warn', 'redact', 'block']

export function stricterOf(mode: CellMode, atLeast: SafetyMode | undefined): CellMode {
  return atLeast !== undefined && STRICTNESS.indexOf(atLeast) > STRICTNESS.indexOf(mode) ? atLeast : mode
}
