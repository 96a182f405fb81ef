import type { ExplainedSetting } from '../../../shared/contract/launch.ts'
import type { RoomSettings } from '../../configuration/launchPlanner.ts'
import type { Programs } from '../../configuration/programs.ts'

/** What one check found. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'problem'
  /** What is there. */
  readonly message: string
  /** What to do; null where nothing is to be done. */
  readonly advice: string | null
}

export interface Patient {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly dataFolder: string
  readonly applicationFolder: string
  readonly settings: RoomSettings
  /** Those of agents, as they stand without a script. */
  readonly agentSettings: () => Promise<readonly ExplainedSetting[]>
  readonly programs: Programs
}

export type Check = (patient: Patient) => Promise<Finding>
