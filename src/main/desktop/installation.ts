import type { App } from 'electron'
import type { RoomValues } from '../configuration/settings.ts'
import type { EventBus } from '../events/bus.ts'
import type { Log } from '../telemetry/log.ts'
import { LINK_SCHEME } from './identity.ts'
import { setLoginItem, type LoginItemOptions } from './loginItem.ts'
import type { Updates } from './updates.ts'

export interface InstallationOptions extends Omit<LoginItemOptions, 'app'> {
  readonly app: LoginItemOptions['app'] & Pick<App, 'isPackaged' | 'setAsDefaultProtocolClient'>
  readonly bus: Pick<EventBus, 'listen'>
  readonly log: Pick<Log, 'write'>
  readonly settings: () => Promise<{ readonly values: Pick<RoomValues, 'open_at_login' | 'update_feed'> }>
  readonly updates: Pick<Updates, 'follow'>
}

/** What an installed room is to its system, as the settings say and whenever they say something else. One that runs from a checkout leaves no trace there. */
export async function settleIn(options: InstallationOptions): Promise<void> {
  const { app, platform, bus, log, settings, updates } = options
  if (!app.isPackaged) return
  // On Linux the desktop entry of the package says it. What follows the two dashes is no flag, whoever wrote it.
  if (platform === 'darwin') app.setAsDefaultProtocolClient(LINK_SCHEME)
  if (platform === 'win32') app.setAsDefaultProtocolClient(LINK_SCHEME, options.program, ['--'])

  async function follow(): Promise<void> {
    try {
      const { values } = await settings()
      updates.follow(values.update_feed)
      setLoginItem(values.open_at_login, options)
    } catch (problem) {
      const reason = problem instanceof Error ? problem.message : String(problem)
      log.write({ level: 'WARN', event: 'desktop.notSettled', msg: `Opening at login or looking for new versions could not be set up: ${reason}` })
    }
  }

  let last = follow()
  bus.listen((events) => {
    if (events.some(({ name }) => name === 'settings.changed')) last = last.then(follow)
  })
  await last
}
