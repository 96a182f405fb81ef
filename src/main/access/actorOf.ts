import type { Caller } from '../../shared/domain/roles.ts'

/** Who it was and by what right, as it is written down. */
export function actorOf({ id, role }: Caller): string {
  return `${id} (${role})`
}
