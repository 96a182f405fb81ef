import type { Announcement } from '../../shared/domain/event.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import type { Stage } from '../../shared/domain/stage.ts'
import { actorOf } from '../access/actorOf.ts'

export function stageAnnouncement(stage: Stage, by: Caller): Announcement<'stage.changed'> {
  const message = stage.locked
    ? `Secrets are locked while the room is shown, by ${actorOf(by)}: none is revealed or changed until they are unlocked.`
    : `Secrets are unlocked again, by ${actorOf(by)}.`
  return { name: 'stage.changed', agentId: null, severity: 'WARN', message, payload: { stage } }
}
