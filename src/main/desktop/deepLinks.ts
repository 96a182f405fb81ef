import { basename } from 'node:path'
import type { Log } from '../telemetry/log.ts'
import { readDeepLink } from './deepLink.ts'
import type { WindowQuestion } from './windowDialogs.ts'

export interface DeepLinksOptions {
  readonly platform: NodeJS.Platform
  readonly log: Pick<Log, 'write'>
  readonly comeForward: () => void
  readonly ask: (question: WindowQuestion) => Promise<boolean>
  readonly tell: (message: string, detail: string) => Promise<unknown>
  /** Puts the launch card of a script before the user's eyes; it starts nothing. */
  readonly offer: (script: string) => void
  readonly isFile: (path: string) => boolean
}

/**
 * Links that lead here come from anybody, a web page among them. One that names a script asks before anything is looked at or shown, one question at
 * a time; what it then shows is the launch card, where nothing starts by itself.
 */
export function createDeepLinks({ platform, log, comeForward, ask, tell, offer, isFile }: DeepLinksOptions): { receive(given: string): Promise<void> } {
  let isAsking = false

  // What it said is not repeated: a log is no place for what a stranger wrote.
  const refuse = (msg: string, given: string): void => log.write({ level: 'WARN', event: 'desktop.linkRefused', msg, fields: { length: given.length } })

  async function askToShow(script: string): Promise<void> {
    const isWanted = await ask({
      message: `Show the launch card of ${basename(script)}?`,
      detail: `${script}\n\nA link from outside of the control room asks for it. Nothing is started until you press Start in that card.`,
      yes: 'Show',
      no: 'Cancel',
    })
    if (!isWanted) return
    if (isFile(script)) offer(script)
    else await tell('There is no such script.', script)
  }

  return {
    async receive(given) {
      const link = readDeepLink(given, platform)
      if (link === null) return refuse('A link that is none of ours was refused.', given)
      if (link.kind === 'open') return comeForward()
      if (isAsking) return refuse('A link was refused: the question of another one is still open.', given)
      isAsking = true
      try {
        await askToShow(link.script)
      } finally {
        isAsking = false
      }
    },
  }
}
