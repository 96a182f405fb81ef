import type { FromWindow, ToWindow } from '../shared/windowWire.ts'
import type { ClientMessage, ServerMessage } from '../shared/wire.ts'

/** All that the page sees of Electron: a wire to the room, one to its own window, and the path of a file that the user handed over. Types only. */
export interface ControlRoomBridge {
  post(message: ClientMessage): void
  /** Gives back what takes the listener off again. */
  onMessage(listener: (message: ServerMessage) => void): () => void
  /** Empty for a file that lies on no disk. */
  pathOf(file: File): string
  readonly desktop: DesktopBridge
}

/** The window itself and the desktop around it. */
export interface DesktopBridge {
  post(message: ToWindow): void
  /** Gives back what takes the listener off again. */
  onMessage(listener: (message: FromWindow) => void): () => void
}

/** The room's channel, both ways. */
export type ControlRoomChannel = 'control-room'

/** Of the window itself, not of the room; both ways. */
export type WindowChannel = 'control-room-window'
