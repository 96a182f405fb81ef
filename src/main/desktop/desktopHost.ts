import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import { app, BrowserWindow, clipboard, dialog, ipcMain, Menu, Notification, powerMonitor, protocol, session } from 'electron'
import type { Agent } from '../../shared/domain/agent.ts'
import { exitCodeOfError } from '../cli/exitCodes.ts'
import { createLaunchPlanner, type LaunchPlanner } from '../configuration/launchPlanner.ts'
import { openHostedRoom, type HostedRoom } from '../hostedRoom.ts'
import { prepareDataFolder } from '../state/dataFolder.ts'
import { systemClock } from '../systemPorts.ts'
import { createFolderAnswerer, SCHEME } from './appScheme.ts'
import { linkFrom } from './deepLink.ts'
import { createDeepLinks } from './deepLinks.ts'
import { createDeparture, type DepartureQuestion } from './departure.ts'
import { APPLICATION_ID } from './identity.ts'
import { settleIn } from './installation.ts'
import { openIpcDoor, OWNER } from './ipcDoor.ts'
import { isFile, scriptFrom } from './launchArguments.ts'
import { loadUpdater } from './loadUpdater.ts'
import { joinedPath, loginShell, needsLoginPath, readLoginPath, type LoginPath } from './loginPath.ts'
import { openMainWindow, type MainWindow } from './mainWindow.ts'
import { menuTemplate } from './menu.ts'
import { guardSession } from './sessionGuards.ts'
import { describeStartFailure, reasonOf } from './startFailure.ts'
import { createUpdates } from './updates.ts'
import { askInWindow, tellInWindow, type WindowQuestion } from './windowDialogs.ts'
import { openWindowDoor } from './windowDoor.ts'
import { guardContents } from './windowGuards.ts'
import { createWindowServices } from './windowServices.ts'

export interface DesktopOptions {
  readonly dataFolder: string
  /** The folder of the shell that it was started from. */
  readonly callerFolder: string
  readonly productName: string
  /** Absolute paths of what the build made. */
  readonly preload: string
  readonly rendererFolder: string
}

/** The control room in its own window. Everything up to `whenReady` must happen in the first turn of the event loop. */
export function runDesktop(options: DesktopOptions): void {
  // It would take Chromium's own switch off the command line again, half-way: whoever gives that by hand, as root must, means it.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  // By it Windows knows whose notifications and whose buttons on the task bar they are; the installer's shortcuts carry the same.
  if (process.platform === 'win32') app.setAppUserModelId(APPLICATION_ID)
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
  const link = linkFrom(process.argv)
  if (!app.requestSingleInstanceLock({ script, link })) {
    process.stdout.write('The control room is open already; its window comes to the front.\n')
    app.exit(0)
    return
  }
  openWindow(options, { script, link }, join(windowFolder, 'place.json'), findLoginPath())
}

/** Begun at once, so that it costs nothing while Chromium starts. Null when the PATH that we have will do. */
function findLoginPath(): Promise<LoginPath> | null {
  const { env: environment, platform } = process
  if (!needsLoginPath(environment, platform, isatty(0) || isatty(1))) return null
  return readLoginPath(loginShell(environment, platform), environment)
}

function openWindow(options: DesktopOptions, first: Asked, stateFile: string, loginPath: Promise<LoginPath> | null): void {
  let { script, link } = first
  let hosted: HostedRoom | null = null
  let main: MainWindow | null = null

  const services = createWindowServices({ Notification, clipboard, clock: systemClock, comeForward: () => main?.bringToFront() })
  const departure = createDeparture({ agents: listAgents, ask: askToStopAgents, close })
  const links = createDeepLinks({
    platform: process.platform,
    log: { write: (entry) => hosted?.room.log.write(entry) },
    comeForward: () => main?.bringToFront(),
    ask,
    tell: async (message, detail) => main && tellInWindow(main.window, message, detail),
    offer,
    isFile,
  })
  const updates = createUpdates({ load: loadUpdater, clock: systemClock, log: { write: (entry) => hosted?.room.log.write(entry) }, ask })

  app.on('web-contents-created', (_event, contents) => guardContents(contents, (of) => BrowserWindow.fromWebContents(of)))
  app.on('second-instance', (_event, _argv, _workingDirectory, data) => {
    const asked = askedBy(data)
    if (asked.link === null) offer(asked.script)
    else follow(asked.link)
  })
  app.on('open-url', (event, url) => {
    event.preventDefault()
    follow(url)
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    offer(path)
  })
  app.on('window-all-closed', () => departure.leave(0))
  // Prevented every time, and so forgotten by Electron: what ends the process is `app.exit`, when every agent has ended.
  app.on('before-quit', (event) => {
    event.preventDefault()
    void departure.request()
  })

  const opened = app.whenReady().then(open)
  opened.catch((problem: unknown) => departure.leave(showStartFailure(problem)))

  async function open(): Promise<void> {
    const leave = (): void => departure.leave(0)
    // Chromium sets its own signal handlers while it starts, so ours come after.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave)
    // The system goes down (Linux) or the user logs out (macOS): it waits a little for those who say that they are leaving.
    const onShutdown = (event: Electron.Event): void => {
      event.preventDefault()
      leave()
    }
    // Electron's types leave the event out, which its documentation tells of.
    powerMonitor.on('shutdown', onShutdown as () => void)
    guardSession(session.defaultSession)
    protocol.handle(SCHEME, createFolderAnswerer(options.rendererFolder))
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ isMac: process.platform === 'darwin', hasDevTools: !app.isPackaged })))
    hosted = await openRoomAndDoor(options, searchPathOf(loginPath), (problem) => departure.leave(problem === undefined ? 0 : showFailure(problem)))
    void tellOfLoginPath(loginPath, hosted)
    openIpcDoor(ipcMain, hosted.room.router, hosted.room.log)
    openWindowDoor({ ipc: ipcMain, log: hosted.room.log, onMessage: services.handle, onPageGone: services.pageGone })
    if (departure.isUnderWay) return
    main = openMainWindow({
      preload: options.preload,
      productName: options.productName,
      stateFile,
      hasDevTools: !app.isPackaged,
      script,
      onCloseAsked: () => void departure.request(),
    })
    if (link !== null) follow(link)
    const { room } = hosted
    await settleIn({ app, platform: process.platform, environment: process.env, home: homedir(), program: process.execPath, productName: options.productName, bus: room.bus, log: room.log, settings: () => roomSettings(options), updates })
  }

  function offer(path: string | null): void {
    if (departure.isUnderWay) return
    if (!main) script = path ?? script
    else {
      main.bringToFront()
      if (path !== null) main.offer(path)
    }
  }

  /** A link of somebody else's; until the window is there it waits. */
  function follow(given: string): void {
    if (departure.isUnderWay) return
    if (main) void links.receive(given)
    else link = given
  }

  async function ask(question: WindowQuestion, withdrawn?: AbortSignal): Promise<boolean> {
    if (!main || main.window.isDestroyed()) return false
    // A question that hangs on a minimised or hidden window is seen by nobody.
    main.bringToFront()
    return askInWindow(main.window, question, withdrawn)
  }

  async function listAgents(): Promise<readonly Agent[]> {
    if (!hosted) return []
    const { agents } = (await hosted.room.router.request('agent.list', {}, OWNER)) as { agents: Agent[] }
    return agents
  }

  async function askToStopAgents({ message, detail }: DepartureQuestion, withdrawn: AbortSignal): Promise<boolean> {
    // Without a window nobody is there to be asked, and nobody shall be locked in.
    return main === null || main.window.isDestroyed() || ask({ message, detail, yes: 'Stop agents and close', no: 'Cancel' }, withdrawn)
  }

  /** However the end is asked for, agents end before the process does, and they are ended once. */
  function close(exitCode: number): void {
    void closeEverything().then(
      () => app.exit(exitCode),
      (problem: unknown) => {
        process.stderr.write(`The control room did not close cleanly: ${reasonOf(problem, process.env)}\n`)
        app.exit(exitCodeOfError(problem))
      },
    )
  }

  async function closeEverything(): Promise<void> {
    main?.remember()
    updates.close()
    await services.release()
    // A room that is still opening has to be there before it can be closed.
    await opened.catch(() => undefined)
    await hosted?.stop()
  }
}

/** A room that cannot go on closes; why stands on the terminal, for a box on the screen would keep it waiting. Gives the exit code. */
function showFailure(problem: unknown): number {
  process.stderr.write(`The control room closes: ${reasonOf(problem, process.env)}\n`)
  return exitCodeOfError(problem)
}

/** Gives the exit code. */
function showStartFailure(problem: unknown): number {
  const failure = describeStartFailure(problem, process.env)
  process.stderr.write(`${failure.message}\n`)
  dialog.showErrorBox(failure.title, failure.message)
  return failure.exitCode
}

/** The room, with the door by which the command line and browsers come in. */
async function openRoomAndDoor(
  { dataFolder }: DesktopOptions,
  searchPath: Promise<string | null> | undefined,
  onStopRequested: (problem?: unknown) => void,
): Promise<HostedRoom> {
  const environment = process.env
  const { values, isPortChosen } = await roomSettings({ dataFolder })
  return openHostedRoom({ dataFolder, environment, searchPath, host: 'desktop', port: values.port, isPortChosen, onStopRequested })
}

function roomSettings({ dataFolder }: Pick<DesktopOptions, 'dataFolder'>): ReturnType<LaunchPlanner['room']> {
  return createLaunchPlanner({ environment: process.env, dataFolder, platform: process.platform }).room()
}

function searchPathOf(loginPath: Promise<LoginPath> | null): Promise<string | null> | undefined {
  return loginPath?.then((found) => ('path' in found ? joinedPath(found.path, process.env.PATH) : null))
}

async function tellOfLoginPath(loginPath: Promise<LoginPath> | null, { room }: HostedRoom): Promise<void> {
  const found = await loginPath
  if (found === null || !('problem' in found)) return
  const msg = `${found.problem} Agents and interpreters are looked for on the short PATH that this window was started with.`
  room.log.write({ level: 'WARN', event: 'desktop.loginPathUnknown', msg })
}

/** What a start was asked for. */
interface Asked {
  readonly script: string | null
  readonly link: string | null
}

/** A second start hands it over as data: its command line may arrive with Chromium's own flags mixed in. */
function askedBy(data: unknown): Asked {
  const { script = null, link = null } = (data ?? {}) as Partial<Record<keyof Asked, unknown>>
  return { script: typeof script === 'string' ? script : null, link: typeof link === 'string' ? link : null }
}
