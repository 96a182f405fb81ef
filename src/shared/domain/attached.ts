import type { LaunchPlan } from './agent.ts'

/** Stands in a plan as its interpreter where the room did not start the process: it came by itself. */
export const ATTACHED = 'attached'

export function isAttached({ interpreter }: Pick<LaunchPlan, 'interpreter'>): boolean {
  return interpreter === ATTACHED
}
