import type { ControlRoomBridge } from '../../preload/bridge.ts'
import { createWireClient } from '../../shared/client.ts'
import { AppError } from '../../shared/errors.ts'
import type { RoomConnection } from './connection.ts'
import { chooseScript } from './files.ts'

/** The desktop window's wire: it is there as long as the window is. */
export function connectOverBridge(bridge: Pick<ControlRoomBridge, 'post' | 'onMessage' | 'pathOf'>): RoomConnection {
  const client = createWireClient((message) => bridge.post(message))
  const stopListening = bridge.onMessage((message) => client.receive(message))

  return {
    client,
    state: () => ({ kind: 'open' }),
    onState: () => () => {},
    takeFiles: async (files) => {
      const script = chooseScript(files)
      const path = bridge.pathOf(script)
      if (path !== '') return path
      throw new AppError('INVALID_INPUT', `"${script.name}" lies on no disk. Save it as a file first, then drop that file.`)
    },
    retry: () => {},
    // Whoever sits at the machine is its owner.
    signOut: null,
    close: () => {
      stopListening()
      client.disconnected('The window is closing.')
    },
  }
}
