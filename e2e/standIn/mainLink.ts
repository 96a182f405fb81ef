import type { ToMain, ToScreen } from './link.ts'

type Question = { [K in 'load' | 'ask']: Omit<Extract<ToScreen, { kind: K }>, 'call'> }['load' | 'ask']

/** The main process's end of the wire to the screen. */
export interface MainLink {
  tell(message: ToScreen): void
  ask(question: Question): Promise<unknown>
  /** All but answers. */
  onMessage(listener: (message: Exclude<ToMain, { kind: 'answer' }>) => void): void
}

export function openMainLink(): MainLink {
  if (!process.send) throw new Error('The stand-in for electron needs its screen: start it through e2e/standIn/screen.ts.')
  const waiting = new Map<number, (value: unknown) => void>()
  const listeners: ((message: Exclude<ToMain, { kind: 'answer' }>) => void)[] = []
  let lastCall = 0

  process.on('message', (message: ToMain) => {
    if (message.kind === 'answer') {
      waiting.get(message.call)?.(message.value)
      waiting.delete(message.call)
    } else for (const listener of listeners) listener(message)
  })

  const tell = (message: ToScreen): void => {
    // The test may have gone away; the window's code has to end in order all the same.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
  }

  return {
    tell,
    ask: (question) =>
      new Promise((resolve) => {
        const call = ++lastCall
        waiting.set(call, resolve)
        tell({ ...question, call })
      }),
    onMessage: (listener) => listeners.push(listener),
  }
}
