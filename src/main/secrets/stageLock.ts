import type { StageStatus } from '../../shared/contract/stage.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import type { Stage } from '../../shared/domain/stage.ts'
import { AppError } from '../../shared/errors.ts'
import type { Passwords } from '../access/passwords.ts'
import { createSignInLimits } from '../access/signInLimits.ts'
import type { Clock } from '../ports.ts'
import type { StageLockRepository, StoredStageLock } from '../state/repositories.ts'

/** Locks secrets while the room is shown to an audience. It lies in the database: no restart of the room opens it. */
export interface StageLock {
  readonly isLocked: boolean
  status(caller: Caller): Promise<StageStatus>
  /** A caller with a password of its own locks with that; the others give one. */
  lock(caller: Caller, password: string | undefined): Promise<void>
  unlock(caller: Caller, password: string): Promise<void>
  /** Somebody else may have locked or unlocked what is shared with others. */
  lookAgain(): Promise<void>
}

export interface StageLockOptions {
  readonly locks: StageLockRepository
  readonly passwords: Passwords
  /** Null where the caller has no account, as the owner of the machine and API tokens. */
  readonly passwordHashOf: (caller: Caller) => Promise<string | null>
  readonly clock: Clock
  /** Told when it is another, after that is on disk. */
  readonly onChange: (stage: Stage, by: Caller) => Promise<unknown>
  /** Told of each password that did not open it. */
  readonly onRefused: (by: Caller, sentence: string) => Promise<unknown>
}

export async function createStageLock({ locks, passwords, passwordHashOf, clock, onChange, onRefused }: StageLockOptions): Promise<StageLock> {
  const limits = createSignInLimits(clock, 'attempts to unlock secrets')
  let held: StoredStageLock | null = await locks.get()

  const stage = (): Stage => ({ locked: held !== null, lockedBy: held?.lockedBy ?? null, lockedAt: held?.lockedAt ?? null })

  return {
    async lookAgain() {
      held = await locks.get()
    },

    get isLocked() {
      return held !== null
    },

    status: async (caller) => ({
      ...stage(),
      canUnlock: caller.role === 'admin',
      needsPassword: (await passwordHashOf(caller)) === null,
      opensWith: held?.opensWith ?? null,
    }),

    async lock(caller, password) {
      if (held !== null) throw new AppError('CONFLICT', `Secrets are locked already, by ${held.lockedBy}; unlock them first.`)
      const own = await passwordHashOf(caller)
      if (own === null && password === undefined) {
        throw new AppError('INVALID_INPUT', 'Give a password of at least 8 characters with the lock: it is what unlocks secrets again.')
      }
      // Of an account the hash as it is now: whoever gives it another password meanwhile opens nothing with that.
      const lock: StoredStageLock = {
        passwordHash: password === undefined ? own! : await passwords.hash(password),
        opensWith: password === undefined ? 'account-password' : 'stage-password',
        lockedBy: caller.id,
        lockedAt: clock.now(),
      }
      if (!(await locks.add(lock))) throw new AppError('CONFLICT', 'Secrets are locked already; unlock them first.')
      held = lock
      await onChange(stage(), caller)
    },

    async unlock(caller, password) {
      if (held === null) throw new AppError('CONFLICT', 'Secrets are not locked.')
      const attempt = limits.begin('stage', null)
      const lock = held
      if (!(await passwords.verify(password, lock.passwordHash))) {
        const sentence = `That password does not unlock secrets; it is ${lock.opensWith === 'stage-password' ? 'the one that was given with the lock' : `the password of ${lock.lockedBy}, as it was then`}.`
        await onRefused(caller, sentence)
        throw new AppError('FORBIDDEN', sentence)
      }
      attempt.succeed()
      // Two at once: the lock may be gone, or be a later one, whose password this was not.
      if (held !== lock) return
      await locks.remove()
      held = null
      await onChange(stage(), caller)
    },
  }
}
