import type { ControlRoomClient, Following } from '../../shared/client.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import { AppError } from '../../shared/errors.ts'
import type { Screen } from './terminalText.ts'

/** An agent's terminal, copied as fast as whoever writes it takes it. */
export interface AgentOutput {
  /** Resolves when everything up to this offset has been written. */
  until(offset: number): Promise<void>
  /** Rejects when the room goes away. */
  readonly lost: Promise<never>
  close(): void
}

/** Takes one piece and the offset at which it begins; resolves when it has been written. */
export type WritePiece = (data: string, offset: number) => Promise<void>

/** Straight to the screen; a file gets a file's line ends. */
export function toScreen(screen: Screen): WritePiece {
  const clean = screen.isTerminal ? (text: string): string => text : createLineEnds()
  return (data) => screen.out(clean(data))
}

export function showAgentOutput(client: ControlRoomClient, agentId: AgentId, write: WritePiece): AgentOutput {
  const lost = Promise.withResolvers<never>()
  // Whoever does not wait for it must not be ended by it.
  lost.promise.catch(() => undefined)
  const waiting = new Set<{ offset: number; resolve: () => void }>()
  let written = 0

  function reach(offset: number): void {
    written = Math.max(written, offset)
    for (const one of waiting) {
      if (one.offset > written) continue
      waiting.delete(one)
      one.resolve()
    }
  }

  const following: Following = client.follow('terminal.output', { agentId }, {
    onItem(item) {
      if (item.kind === 'size') return
      if (item.kind === 'gap') {
        reach(item.offset)
        return
      }
      const { offset, data } = item
      void write(data, offset).then(() => {
        following.acknowledge(data.length)
        reach(offset + data.length)
      })
    },
    onEnd: (error) => lost.reject(error ?? new AppError('UNAVAILABLE', `The terminal of ${agentId} is gone.`)),
  })

  return {
    lost: lost.promise,
    until: (offset) =>
      new Promise((resolve) => {
        waiting.add({ offset, resolve })
        reach(written)
      }),
    close: () => following.close(),
  }
}

/** Waits for the last of its output; an agent taken off the list, or a room that has closed, has none. */
export async function drain(client: ControlRoomClient, agentId: AgentId, output: AgentOutput): Promise<void> {
  try {
    const { outputBytes } = await client.request('agent.metrics', { agentId })
    await Promise.race([output.until(outputBytes), output.lost])
  } catch (problem) {
    if (!(problem instanceof AppError)) throw problem
  }
}

/** A terminal's line ends are \r\n; a file's are \n. A \r at the end of a piece waits for what follows it. */
export function createLineEnds(): (text: string) => string {
  let held = ''
  return (text) => {
    const whole = held + text
    held = whole.endsWith('\r') ? '\r' : ''
    return whole.slice(0, whole.length - held.length).replaceAll('\r\n', '\n')
  }
}
