import { AppError } from '../shared/errors.ts'
import { OWNER } from './access/owner.ts'
import type { Access, ControlRoomPorts } from './controlRoom.ts'
import type { CommandHandlers } from './router/router.ts'

/** Where the room's door is, once a host has opened one. */
export interface Address {
  url: string | null
}

export interface RoomHandlerOptions extends Pick<ControlRoomPorts, 'dataFolder' | 'host' | 'version' | 'onStopRequested'> {
  readonly access: Access
  readonly address: Address
}

type RoomCommand = 'room.identity' | 'room.link' | 'room.stop'

export function roomHandlers({ access, address, dataFolder, host, version, onStopRequested }: RoomHandlerOptions): Pick<CommandHandlers, RoomCommand> {
  return {
    'room.identity': (_input, caller) => ({ caller, version, host, dataFolder }),
    'room.link': (_input, caller) => {
      // Who comes by it is the owner, asked for no password, and stays so when an account is taken away.
      if (caller.id !== OWNER.id) throw new AppError('FORBIDDEN', 'A link signs in as the owner of this machine, so only the owner makes one, with "iron_cage link" there. Sign in with your own name and password.')
      if (address.url === null) throw new AppError('UNAVAILABLE', 'This control room has no open door: start one with "iron_cage serve".')
      return { url: `${address.url}/sign-in?code=${access.createCode()}` }
    },
    'room.stop': () => {
      // The answer goes out first.
      setImmediate(() => onStopRequested())
      return {}
    },
  }
}
