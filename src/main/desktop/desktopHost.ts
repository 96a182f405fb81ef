import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, session } from 'electron'
import { exitCodeOfError } from '../cli/exitCodes.ts'
import { createLaunchPlanner } from '../configuration/launchPlanner.ts'
import { openHostedRoom, type HostedRoom } from '../hostedRoom.ts'
import { prepareDataFolder } from '../state/dataFolder.ts'
import { createFolderAnswerer, SCHEME } from './appScheme.ts'
import { openIpcDoor } from './ipcDoor.ts'
import { scriptFrom } from './launchArguments.ts'
import { openMainWindow, type MainWindow } from './mainWindow.ts'
import { menuTemplate } from './menu.ts'
import { guardSession } from './sessionGuards.ts'
import { describeStartFailure } from './startFailure.ts'
import { guardContents } from './windowGuards.ts'

export interface DesktopOptions {
  readonly dataFolder: string
  /** The folder of the shell that it was started from. */
  readonly callerFolder: string
  /** Absolute paths of what the build made. */
  readonly preload: string
  readonly rendererFolder: string
}

/** The control room in its own window. Everything up to `whenReady` must happen in the first turn of the event loop. */
export function runDesktop(options: DesktopOptions): void {
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
  const windowFolder = join(options.dataFolder, 'window')
  try {
    prepareDataFolder(options.dataFolder)
    mkdirSync(windowFolder, { recursive: true, mode: 0o700 })
  } catch (problem) {
    void app.whenReady().then(() => app.exit(showStartFailure(problem)))
    return
  }
  // Chromium's own files, and the scope of the single instance: two rooms with two data folders do not meet.
  app.setPath('userData', windowFolder)

  const script = scriptFrom({ argv: process.argv, workingDirectory: options.callerFolder, isUnpackaged: !app.isPackaged })
  if (!app.requestSingleInstanceLock({ script })) {
    process.stdout.write('The control room is open already; its window comes to the front.\n')
    app.exit(0)
    return
  }
  openWindow(options, script, join(windowFolder, 'place.json'))
}

function openWindow(options: DesktopOptions, firstScript: string | null, stateFile: string): void {
  let script = firstScript
  let hosted: HostedRoom | null = null
  let main: MainWindow | null = null
  let leaving: Promise<void> | null = null

  app.on('web-contents-created', (_event, contents) => guardContents(contents, (of) => BrowserWindow.fromWebContents(of)))
  app.on('second-instance', (_event, _argv, _workingDirectory, data) => offer(scriptOf(data)))
  app.on('open-file', (event, path) => {
    event.preventDefault()
    offer(path)
  })
  app.on('window-all-closed', () => leave(0))
  app.on('before-quit', (event) => {
    event.preventDefault()
    leave(0)
  })

  const opened = app.whenReady().then(open)
  opened.catch(fail)

  async function open(): Promise<void> {
    // Chromium sets its own signal handlers while it starts, so ours come after.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => leave(0))
    guardSession(session.defaultSession)
    protocol.handle(SCHEME, createFolderAnswerer(options.rendererFolder))
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ isMac: process.platform === 'darwin', hasDevTools: !app.isPackaged })))
    hosted = await openRoomAndDoor(options, () => leave(0))
    openIpcDoor(ipcMain, hosted.room.router, hosted.room.log)
    if (leaving) return
    main = openMainWindow({ preload: options.preload, stateFile, hasDevTools: !app.isPackaged, script })
  }

  function offer(path: string | null): void {
    if (!main) script = path ?? script
    else {
      main.bringToFront()
      if (path !== null) main.offer(path)
    }
  }

  /** However the end is asked for, agents end before the process does, and they are ended once. */
  function leave(exitCode: number): void {
    leaving ??= closeEverything().then(
      () => app.exit(exitCode),
      (problem: unknown) => {
        process.stderr.write(`The control room did not close cleanly: ${problem instanceof Error ? problem.message : String(problem)}\n`)
        app.exit(exitCodeOfError(problem))
      },
    )
  }

  async function closeEverything(): Promise<void> {
    main?.remember()
    // A room that is still opening has to be there before it can be closed.
    await opened.catch(() => undefined)
    await hosted?.stop()
  }

  function fail(problem: unknown): void {
    leave(showStartFailure(problem))
  }
}

/** Gives the exit code. */
function showStartFailure(problem: unknown): number {
  const failure = describeStartFailure(problem)
  process.stderr.write(`${failure.message}\n`)
  dialog.showErrorBox(failure.title, failure.message)
  return failure.exitCode
}

/** The room, with the door by which the command line and browsers come in. */
async function openRoomAndDoor({ dataFolder }: DesktopOptions, onStopRequested: () => void): Promise<HostedRoom> {
  const environment = process.env
  const { values, isPortChosen } = await createLaunchPlanner({ environment, dataFolder, platform: process.platform }).room()
  return openHostedRoom({ dataFolder, environment, host: 'desktop', port: values.port, isPortChosen, onStopRequested })
}

/** A second start hands its script over as data: its command line may arrive with Chromium's own flags mixed in. */
function scriptOf(data: unknown): string | null {
  const script = typeof data === 'object' && data !== null && 'script' in data ? data.script : null
  return typeof script === 'string' ? script : null
}
