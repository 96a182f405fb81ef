import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { CommandHandlers } from '../router/router.ts'
import type { RecentScripts } from '../state/repositories.ts'
import { keepableChoices } from './keepableChoices.ts'
import type { LaunchPlanner } from './launchPlanner.ts'
import { keepUpload, type UploadOptions } from './uploads.ts'

export interface LaunchHandlersOptions extends UploadOptions {
  readonly planner: LaunchPlanner
  readonly recentScripts: RecentScripts
  /** For what is written down. */
  readonly redact: (text: string) => string
}

type LaunchHandlers = Pick<CommandHandlers, 'launch.inspect' | 'launch.recent' | 'launch.remembered' | 'launch.remember' | 'launch.upload' | 'configuration.explain'>

const MOST_RECENT = 20

export function createLaunchHandlers(options: LaunchHandlersOptions): LaunchHandlers {
  const { planner, recentScripts, redact } = options
  return {
    'launch.inspect': (input) => planner.plan(input),

    'launch.recent': async () => {
      const known = await recentScripts.list(MOST_RECENT)
      const scripts = known.map(async ({ script, lastStartedAt }) => {
        return { script, name: basename(script), lastStartedAt, exists: await isFile(script) }
      })
      return { scripts: await Promise.all(scripts) }
    },

    'launch.remembered': async ({ script }) => ({ choices: await recentScripts.remembered(script) }),

    'launch.remember': async ({ script, choices }) => {
      await recentScripts.remember(script, keepableChoices(choices, redact))
      return {}
    },

    'launch.upload': async ({ files }) => ({ script: await keepUpload(files, options) }),

    'configuration.explain': async () => ({ settings: await planner.explain() }),
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
