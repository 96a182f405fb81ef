import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event, EventName, EventOf } from '../../shared/domain/event.ts'
import { openSocket } from '../api/testSocket.ts'

/** A page that watches over the WebSocket and reads everything. For specs only. */
export interface Viewer {
  watchTerminal(agentId: AgentId): void
  /** What the terminals showed, put together. */
  readonly terminals: string
  /** The first event of this name that fits, from the beginning. */
  until<N extends EventName>(name: N, fits?: (event: EventOf<N>) => boolean): Promise<EventOf<N>>
  close(): Promise<void>
}

type Item = { kind: 'events'; events: Event[] } | { kind: 'data'; data: string } | { kind: 'gap' | 'size' | 'resynchronise' }

export async function openViewer(port: number, headers: Readonly<Record<string, string>>): Promise<Viewer> {
  const socket = await openSocket(port, headers)
  const events: Event[] = []
  const looks = new Set<() => void>()
  let terminals = ''
  let streams = 0

  socket.webSocket.on('message', () => {
    const message = socket.received.at(-1)
    if (!message || !('item' in message)) return
    const item = message.item as Item
    if (item.kind === 'events') events.push(...item.events)
    if (item.kind === 'data') terminals += item.data
    socket.send({ id: message.id, acknowledge: item.kind === 'data' ? item.data.length : 1 })
    for (const look of looks) look()
  })
  socket.send({ id: streams++, open: 'event.follow', input: { after: 0 } })
  return {
    watchTerminal: (agentId) => socket.send({ id: streams++, open: 'terminal.output', input: { agentId } }),
    get terminals() {
      return terminals
    },
    until: <N extends EventName>(name: N, fits: (event: EventOf<N>) => boolean = () => true) =>
      new Promise<EventOf<N>>((resolve) => {
        const look = (): void => {
          const found = events.find((event): event is EventOf<N> => event.name === name && fits(event as EventOf<N>))
          if (!found) return
          looks.delete(look)
          resolve(found)
        }
        looks.add(look)
        look()
      }),
    async close() {
      socket.webSocket.close()
      await socket.closed
    },
  }
}
