import type { LaunchPlanner } from '../../configuration/launchPlanner.ts'
import { resolveLayers } from '../../configuration/resolvedSettings.ts'
import type { ChosenInterpreter } from './candidates.ts'

/** Which interpreter a flag or a variable names, as a launch would read them; null where they name none. */
export async function interpreterSetting(planner: Pick<LaunchPlanner, 'layers'>): Promise<ChosenInterpreter | null> {
  const said = resolveLayers(await planner.layers()).decidedBy('interpreter')
  return said?.value ? { value: said.value, subject: said.subject, folder: said.folder ?? process.cwd() } : null
}
