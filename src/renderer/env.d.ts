import type { ControlRoomBridge } from '../preload/bridge.ts'

declare global {
  interface Window {
    /** Only there in the desktop window. */
    readonly controlRoom?: ControlRoomBridge
  }
}
