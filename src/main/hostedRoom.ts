import { AppError } from '../shared/errors.ts'
import { openApi, type Api } from './api/openApi.ts'
import { findApplication } from './application.ts'
import { composeControlRoom } from './compose.ts'
import type { ControlRoom, ControlRoomPorts } from './controlRoom.ts'
import { systemKeychain } from './secrets/systemKeychain.ts'
import { systemClock, systemRandom } from './systemPorts.ts'
import { watchForCrash } from './telemetry/crashes.ts'

type RoomPorts = Pick<ControlRoomPorts, 'askPassphrase' | 'dataFolder' | 'environment' | 'searchPath' | 'flags' | 'host' | 'onLogEntry' | 'onStopRequested'>

export interface HostedRoomOptions extends RoomPorts {
  readonly port: number
  /** Whether another port will do when this one is taken. */
  readonly isPortChosen: boolean
}

/** A control room with its door open, and no window of its own. */
export interface HostedRoom {
  readonly room: ControlRoom
  readonly url: string
  /** Shuts the door, ends every agent, closes the room. Safe to call twice. */
  stop(): Promise<void>
}

export async function openHostedRoom(options: HostedRoomOptions): Promise<HostedRoom> {
  const application = findApplication()
  const { version } = application
  const { environment, host } = options
  const keychain = systemKeychain({ environment, platform: process.platform, applicationFolder: application.folder, inProcess: host === 'desktop' })
  const room = await composeControlRoom({ ...options, clock: systemClock, random: systemRandom, keychain, version })
  let api: Api
  try {
    api = await openDoor(room, options, { rendererFolder: application.rendererFolder, version })
  } catch (problem) {
    await room.stop()
    throw problem
  }
  // In a window's process too: Electron's own dialog would show the defect as it is, with whatever stands in it, and go on with half a room.
  const unwatch = watchForCrash(process, room.log)
  let stopping: Promise<void> | null = null
  return {
    room,
    url: api.url,
    stop() {
      stopping ??= api
        .close()
        .then(() => room.stop())
        .finally(unwatch)
      return stopping
    },
  }
}

async function openDoor(
  room: ControlRoom,
  { port, isPortChosen }: HostedRoomOptions,
  application: { rendererFolder: string | null; version: string },
): Promise<Api> {
  try {
    return await openApi(room, { ...application, port })
  } catch (problem) {
    const isTaken = problem instanceof AppError && problem.code === 'CONFLICT'
    if (!isTaken || isPortChosen || port === 0) throw problem
    room.log.write({ level: 'WARN', event: 'host.portTaken', msg: `Port ${port} is in use; another one was taken.`, fields: { port } })
    return openApi(room, { ...application, port: 0 })
  }
}
