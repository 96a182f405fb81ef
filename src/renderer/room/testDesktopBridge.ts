import type { DesktopBridge } from '../../preload/bridge.ts'
import type { FromWindow, ToWindow } from '../../shared/windowWire.ts'
import { createListeners } from './listeners.ts'

/** The desktop window's end of the bridge, for specs. */
export function createTestDesktopBridge() {
  const posted: ToWindow[] = []
  const listeners = createListeners<FromWindow>()
  let listening = 0
  const bridge: DesktopBridge = {
    post: (message) => void posted.push(message),
    onMessage: (listener) => {
      listening++
      const stop = listeners.add(listener)
      return () => {
        listening--
        stop()
      }
    },
  }
  return { bridge, posted, tell: (message: FromWindow) => listeners.tell(message), listening: () => listening }
}
