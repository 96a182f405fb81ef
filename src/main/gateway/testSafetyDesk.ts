import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'
import { PrivateType, type CellMode, type Direction, type IncidentMode, type Permissions } from '../../shared/domain/safetyRules.ts'
import { createScanner } from '../safety/scan/createScanner.ts'
import type { Edit, Incident, SafetyDesk, Sighting } from '../safety/desk/safetyDesk.ts'
import { stricterOf } from '../safety/desk/stricterDesk.ts'
import type { Match, Scanner } from '../safety/scan/scanner.ts'

/** A desk with the real scanner that keeps its records in memory. For specs only. */
export interface TestSafetyDesk extends SafetyDesk {
  mode: CellMode
  directions: Partial<Record<Direction, CellMode>>
  unauthorised: IncidentMode
  injection: IncidentMode
  permissions: Permissions
  /** Null: the real one. */
  scanner: Scanner | null
  useSecrets(values: readonly string[]): void
  readonly sightings: Sighting[]
  readonly incidents: Incident[]
  /** Reasons to halt the agent. */
  readonly halts: string[]
}

export function createTestSafetyDesk(): TestSafetyDesk {
  const types = new Set(PrivateType.options)
  let real = createScanner({ types })
  const halt = (reason: string): string => {
    desk.halts.push(reason)
    return reason
  }

  const desk: TestSafetyDesk = {
    mode: 'redact',
    directions: {},
    unauthorised: 'refuse',
    injection: 'warn',
    permissions: { models: null, tools: null, hosts: null, paths: null },
    scanner: null,
    sightings: [],
    incidents: [],
    halts: [],
    useSecrets(secrets) {
      real = createScanner({ types, secrets })
    },
    scannerFor: () => desk.scanner ?? real,
    permissionsOf: () => desk.permissions,
    judge(sighting) {
      desk.sightings.push(sighting)
      const mode = stricterOf(desk.directions[sighting.direction] ?? desk.mode, sighting.atLeast)
      const called = PRIVATE_TYPES[sighting.matches[0]!.type].called
      const blocked = mode === 'block' ? halt(`The text holds ${called}: nothing was forwarded.`) : null
      const blockedTypes = mode === 'block' ? [...new Set(sighting.matches.map(({ type }) => type))] : []
      return { edits: mode === 'redact' ? sighting.matches.map(edited) : [], blocked, blockedTypes }
    },
    report(incident) {
      desk.incidents.push(incident)
      const mode = incident.kind === 'injection' ? desk.injection : desk.unauthorised
      if (mode === 'warn') return null
      const sentence = `The ${incident.type} is not allowed: nothing was forwarded.`
      return mode === 'block' ? halt(sentence) : sentence
    },
  }
  return desk
}

function edited({ type, start, end }: Match): Edit {
  return { start, end, replacement: PRIVATE_TYPES[type].marker }
}
