import type { Event } from '../../shared/domain/event.ts'
import type { Clock } from '../ports.ts'
import type { RunningSafetyDesk } from '../safety/desk/runningSafetyDesk.ts'
import type { RunSecrets } from '../secrets/runSecrets.ts'
import type { StageLock } from '../secrets/stageLock.ts'

export interface HearOthersOptions {
  readonly stage: Pick<StageLock, 'lookAgain'>
  readonly safety: Pick<RunningSafetyDesk, 'lookAgain'>
  readonly runSecrets: Pick<RunSecrets, 'withdraw' | 'giveBack' | 'rotate'>
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const SETTLED_MS = 1_000

/** What was said elsewhere for all control rooms holds here too. */
export function createHearOthers({ stage, safety, runSecrets, clock, onDefect }: HearOthersOptions): (events: readonly Event[]) => Promise<void> {
  async function lookAgain(): Promise<void> {
    await stage.lookAgain()
    await safety.lookAgain()
  }

  return async (events) => {
    // Rules are in the audit before they hold: what is not there yet is there in a moment.
    if (events.some(isForAll)) clock.after(SETTLED_MS, () => void lookAgain().catch((problem: unknown) => onDefect(problem, 'what was changed elsewhere')))
    for (const event of events) {
      if (isForAll(event)) await lookAgain()
      if (event.name !== 'secret.changed') continue
      const { id, name, environment, version, deleted_at: deletedAt } = event.payload.secret
      if (deletedAt !== null) runSecrets.withdraw(id)
      else {
        runSecrets.giveBack(id)
        // It tells of each step, and so is not waited for.
        runSecrets.rotate({ id, name, environment, version }).catch((problem: unknown) => onDefect(problem, 'a secret that was changed elsewhere'))
      }
    }
  }
}

function isForAll(event: Event): boolean {
  return event.name === 'stage.changed' || (event.name === 'safety.recorded' && event.payload.records.some(({ kind }) => kind === 'policy'))
}
