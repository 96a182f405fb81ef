import { actorOf } from '../access/actorOf.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { SettingsDesk } from './settingsDesk.ts'

type SettingsCommand = Extract<keyof CommandHandlers, `settings.${string}`>

export function settingsHandlers(desk: SettingsDesk): Pick<CommandHandlers, SettingsCommand> {
  return {
    'settings.list': () => desk.list(),
    'settings.check': async (change) => ({ problem: await desk.check(change) }),
    'settings.change': ({ changes, revision }, caller) => desk.change(changes, revision, actorOf(caller)),
  }
}
