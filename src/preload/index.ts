import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'
import type { ServerMessage } from '../shared/wire.ts'
import type { ControlRoomBridge, ControlRoomChannel, WindowChannel } from './bridge.ts'

const CHANNEL: ControlRoomChannel = 'control-room'
const WINDOW_CHANNEL: WindowChannel = 'control-room-window'

const bridge: ControlRoomBridge = {
  post: (message) => ipcRenderer.send(CHANNEL, message),
  onMessage: (listener) => {
    const forward = (_event: IpcRendererEvent, message: ServerMessage): void => listener(message)
    ipcRenderer.on(CHANNEL, forward)
    return () => {
      ipcRenderer.off(CHANNEL, forward)
    }
  },
  pathOf: (file) => webUtils.getPathForFile(file),
  comeForward: () => ipcRenderer.send(WINDOW_CHANNEL),
}

contextBridge.exposeInMainWorld('controlRoom', bridge)
