import { spawnSync } from 'node:child_process'
import type { ControlRoomClient } from '../../shared/client.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Screen } from './terminalText.ts'

const CTRL_C = '\u0003'
/** A terminal forgets an end of input once it was read, and the first may only hand over an unfinished line; readers look twice. */
const END_OF_INPUT = '\u0004'.repeat(8)
/** What a terminal takes at once. */
const PIECE_CHARACTERS = 100_000

export interface AgentInput {
  /** A new process of the agent reads from the same input: what has ended has ended for it too. */
  processStarted(): void
  close(): void
}

export interface AgentInputOptions {
  readonly client: ControlRoomClient
  readonly agentId: AgentId
  readonly stdin: NodeJS.ReadStream
  readonly screen: Screen
  readonly onInterrupt: () => void
}

/** Hands our standard input on to the agent's terminal: keys one by one from a terminal, else whatever comes until it ends. */
export function forwardInput({ client, agentId, stdin, screen, onInterrupt }: AgentInputOptions): AgentInput {
  const isKeyboard = stdin.isTTY === true
  let hasEnded = false
  let sending: Promise<unknown> = Promise.resolve()

  function send(data: string): void {
    for (let start = 0; start < data.length; start += PIECE_CHARACTERS) {
      const piece = data.slice(start, start + PIECE_CHARACTERS)
      // An agent that has just ended reads no more: nothing is wrong with that.
      sending = sending.then(() => client.request('terminal.write', { agentId, data: piece })).catch(() => undefined)
    }
  }

  function read(data: string): void {
    if (isKeyboard && data.includes(CTRL_C)) {
      onInterrupt()
      return
    }
    send(data)
    if (isKeyboard) return
    stdin.pause()
    void sending.finally(() => stdin.resume())
  }

  function end(): void {
    hasEnded = true
    send(END_OF_INPUT)
  }

  stdin.setEncoding('utf8')
  if (isKeyboard) {
    stdin.setRawMode(true)
    // Node's raw mode still turns \n into \r\n on the way out, which breaks full-screen programs; where there is no stty, it does.
    if (process.platform !== 'win32') spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
    screen.setRaw(true)
  }
  stdin.on('data', read)
  stdin.on('end', end)
  stdin.on('error', end)
  stdin.resume()

  return {
    processStarted() {
      if (hasEnded) send(END_OF_INPUT)
    },
    close() {
      stdin.off('data', read)
      stdin.off('end', end)
      stdin.off('error', end)
      stdin.pause()
      if (!isKeyboard) return
      stdin.setRawMode(false)
      screen.setRaw(false)
    },
  }
}
