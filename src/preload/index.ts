import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'
import type { ControlRoomBridge, ControlRoomChannel, WindowChannel } from './bridge.ts'

const CHANNEL: ControlRoomChannel = 'control-room'
const WINDOW_CHANNEL: WindowChannel = 'control-room-window'

/** Gives back what takes the listener off again. The event stays here: it holds what Electron's sender can do. */
function listen<M>(channel: string, listener: (message: M) => void): () => void {
  const forward = (_event: IpcRendererEvent, message: M): void => listener(message)
  ipcRenderer.on(channel, forward)
  return () => {
    ipcRenderer.off(channel, forward)
  }
}

const bridge: ControlRoomBridge = {
  post: (message) => ipcRenderer.send(CHANNEL, message),
  onMessage: (listener) => listen(CHANNEL, listener),
  pathOf: (file) => webUtils.getPathForFile(file),
  desktop: {
    post: (message) => ipcRenderer.send(WINDOW_CHANNEL, message),
    onMessage: (listener) => listen(WINDOW_CHANNEL, listener),
  },
}

contextBridge.exposeInMainWorld('controlRoom', bridge)
