/** With these codes an agent ends that the room has refused something: to start it again would only ask once more. */
export const OVER_BUDGET_EXIT = 120
export const BLOCKED_EXIT = 121

export function isRefusalExit(code: number | null): boolean {
  return code === OVER_BUDGET_EXIT || code === BLOCKED_EXIT
}
