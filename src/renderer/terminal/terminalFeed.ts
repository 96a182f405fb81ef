import type { Following } from '../../shared/client.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { RoomConnection } from '@/room/connection.ts'

/** Where a terminal's output is shown. */
export interface TerminalScreen {
  /** `done` is called once the text has been dealt with. */
  write(text: string, done: () => void): void
  /** Output in between is lost: begin on an empty screen. */
  beginAfterGap(): void
  /** A sentence of the room's own, among the output. */
  say(sentence: string): void
  size(columns: number, rows: number): void
}

export interface TerminalFeed {
  /** The room has started anew and counts from zero; what is on the screen stays. */
  beginAnew(): void
  close(): void
}

/** Acknowledging each write would double the traffic. Nothing is held back once all is dealt with. */
const ACKNOWLEDGE_AT = 16_000

/** Brings an agent's output to its screen, at the screen's pace, and goes on after an interruption where it was. */
export function followTerminal(connection: RoomConnection, agentId: AgentId, screen: TerminalScreen): TerminalFeed {
  let offset = 0
  let following: Following | null = null
  let era = 0
  /** Why there was nothing to follow, when it was said last. */
  let said: string | null = null

  function follow(): void {
    const own = ++era
    following?.close()
    let waiting = 0
    let finished = 0

    const current = connection.client.follow('terminal.output', { agentId, from: offset }, {
      onItem(item) {
        if (own !== era) return
        if (item.kind === 'size') {
          screen.size(item.columns, item.rows)
        } else if (item.kind === 'gap') {
          offset = item.offset
          screen.beginAfterGap()
        } else {
          offset = item.offset + item.data.length
          waiting += item.data.length
          screen.write(item.data, () => {
            waiting -= item.data.length
            finished += item.data.length
            if (finished < ACKNOWLEDGE_AT && waiting > 0) return
            current.acknowledge(finished)
            finished = 0
          })
        }
      },
      onEnd(error) {
        // A lost connection announces itself.
        if (own !== era || error === null || error.message === said || connection.state().kind !== 'open') return
        said = error.message
        screen.say(error.message)
      },
    })
    following = current
  }

  const stopListening = connection.onState((state) => {
    if (state.kind === 'open') follow()
  })
  if (connection.state().kind === 'open') follow()

  return {
    beginAnew() {
      offset = 0
      if (connection.state().kind === 'open') follow()
    },
    close() {
      era += 1
      stopListening()
      following?.close()
    },
  }
}
