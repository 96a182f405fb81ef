import type { CommandHandlers } from '../router/router.ts'
import type { KeyDesk } from './keyDesk.ts'

type KeyCommand = Extract<keyof CommandHandlers, `keys.${string}`>

export function keyHandlers(desk: Pick<KeyDesk, 'status' | 'create' | 'unlock'>): Pick<CommandHandlers, KeyCommand> {
  return {
    'keys.status': () => desk.status(),
    'keys.create': async (request) => {
      await desk.create(request)
      return desk.status()
    },
    'keys.unlock': async ({ passphrase }) => {
      await desk.unlock(passphrase)
      return desk.status()
    },
  }
}
