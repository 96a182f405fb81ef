import type { Clock, Timer } from '../ports.ts'
import type { Log } from '../telemetry/log.ts'
import type { WindowQuestion } from './windowDialogs.ts'

/** What we use of electron-updater. */
export interface Updater {
  autoDownload: boolean
  autoInstallOnAppQuit: boolean
  logger: null | object
  setFeedURL(feed: { provider: 'generic'; url: string }): void
  /** Null where this installation cannot be updated, such as a checkout. */
  checkForUpdates(): Promise<{ readonly isUpdateAvailable: boolean; readonly updateInfo: { readonly version: string } } | null>
  downloadUpdate(): Promise<unknown>
}

export interface UpdatesOptions {
  /** Nothing of it is loaded before there is a feed. */
  readonly load: () => Promise<Updater>
  readonly clock: Pick<Clock, 'after'>
  readonly log: Pick<Log, 'write'>
  readonly ask: (question: WindowQuestion) => Promise<boolean>
}

export interface Updates {
  /** Where new versions are looked for from now on; null for nowhere. */
  follow(feed: string | null): void
  close(): void
}

export const BETWEEN_LOOKS_MS = 24 * 60 * 60 * 1000

/** Looks for new versions once a day, asks before one is fetched, and puts it in place when the room has closed: agents are never ended for it. */
export function createUpdates({ load, clock, log, ask }: UpdatesOptions): Updates {
  let followed: Followed | null = null
  let timer: Timer | null = null
  let updater: Updater | null = null
  /** What somebody did not want; he is asked again after the next start. */
  const declined = new Set<string>()

  /** Whether a new version lies ready. */
  async function look(from: Followed): Promise<boolean> {
    const isOver = (): boolean => followed !== from
    updater ??= await load()
    if (isOver()) return false
    updater.logger = null
    updater.autoDownload = false
    updater.autoInstallOnAppQuit = false
    updater.setFeedURL({ provider: 'generic', url: from.feed })
    const found = await updater.checkForUpdates()
    if (isOver() || !found?.isUpdateAvailable) return false
    const { version } = found.updateInfo
    if (declined.has(version)) return false
    if (!(await ask(question(version)))) {
      declined.add(version)
      return false
    }
    if (isOver()) return false
    // Said before it is there: on macOS the system's own installer is handed it as it arrives.
    updater.autoInstallOnAppQuit = true
    await updater.downloadUpdate()
    if (isOver()) return false
    log.write({ level: 'INFO', event: 'desktop.updateReady', msg: `Version ${version} is there; it is put in place when the room closes.` })
    return true
  }

  async function lookDaily(from: Followed): Promise<void> {
    const isReady = await look(from).catch((problem: unknown) => {
      const reason = problem instanceof Error ? problem.message.split('\n')[0] : String(problem)
      if (updater && followed === from) updater.autoInstallOnAppQuit = false
      log.write({ level: 'WARN', event: 'desktop.updateFailed', msg: `No new version could be had: ${reason}` })
      return false
    })
    if (followed === from && !isReady) timer = clock.after(BETWEEN_LOOKS_MS, () => void lookDaily(from))
  }

  function stop(): void {
    timer?.cancel()
    timer = null
    followed = null
  }

  return {
    follow(feed) {
      if (feed === (followed?.feed ?? null)) return
      stop()
      // What came from another place is not put in any more.
      if (updater) updater.autoInstallOnAppQuit = false
      if (feed === null) return
      followed = { feed }
      void lookDaily(followed)
    },
    close: stop,
  }
}

/** An object of its own each time: whoever looks knows by it whether the same following still goes on. */
interface Followed {
  readonly feed: string
}

function question(version: string): WindowQuestion {
  return {
    message: `Version ${version} of the control room is there. Download it?`,
    detail: 'It is put in place when you close the room; agents run on until then.',
    yes: 'Download',
    no: 'Not now',
  }
}
