import type { Announcement } from '../../shared/domain/event.ts'

/** Answered calls come by the thousand. One that a SIGKILL finds waiting is charged its worst case at the next start. */
export const CALLS_WAIT = {
  canWait: ({ name, severity }: Announcement): boolean => name === 'llm.callFinished' && severity === 'INFO',
  longestMs: 4,
}
