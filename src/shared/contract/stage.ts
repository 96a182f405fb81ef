import { z } from 'zod'
import { Stage } from '../domain/stage.ts'
import { command } from './define.ts'

/** For a moment on a stage; somebody with a password of their own needs none. */
export const StagePassword = z.string().min(8, 'a stage password has at least 8 characters').max(200)

export const StageStatus = Stage.extend({
  /** Whether this caller may lock and unlock. */
  canUnlock: z.boolean(),
  /** Whether this caller has no password of its own, and gives one with the lock. */
  needsPassword: z.boolean(),
  /** Which password opens it: the one that was given with the lock, or that of the account that locked it. Null where it is not locked. */
  opensWith: z.enum(['stage-password', 'account-password']).nullable(),
})
export type StageStatus = z.infer<typeof StageStatus>

export const stageCommands = {
  'stage.status': command({
    summary: 'Tells whether secrets are locked while the room is shown to an audience.',
    least: 'viewer',
    http: 'GET /stage',
    input: z.strictObject({}),
    output: StageStatus,
  }),
  'stage.lock': command({
    summary: 'Locks secrets: nobody reveals or changes one until it is unlocked with the password. Running agents keep theirs.',
    least: 'admin',
    http: 'POST /stage/lock',
    input: z.strictObject({
      /** For callers without a password of their own, such as the owner of the machine; others are unlocked with theirs. */
      password: StagePassword.optional(),
    }),
    output: StageStatus,
  }),
  'stage.unlock': command({
    summary: 'Unlocks secrets again.',
    least: 'admin',
    http: 'POST /stage/unlock',
    input: z.strictObject({ password: z.string().min(1).max(200) }),
    output: StageStatus,
  }),
}
