import type { Page, WebSocketRoute } from '@playwright/test'
import type { CommandInput, CommandName, CommandOutput } from '../src/shared/contract/contract.ts'
import type { Event } from '../src/shared/domain/event.ts'
import type { ClientMessage, ServerMessage } from '../src/shared/wire.ts'

export type Answers = { readonly [N in CommandName]?: (input: CommandInput<N>) => CommandOutput<N> }

/** A recorded run in the room's place: the built page over a real WebSocket, which is told what was written down and nothing else. */
export interface RecordedRoom {
  /** What the page asked for that was not written down. */
  readonly unanswered: string[]
  /** What somebody decided, in order. */
  readonly asked: { readonly name: string; readonly input: unknown }[]
  /** What happened next. */
  push(...events: Event[]): void
}

export async function playBack(page: Page, answers: Answers): Promise<RecordedRoom> {
  const unanswered: string[] = []
  const asked: { name: string; input: unknown }[] = []
  let follow: ((message: ServerMessage) => void) | null = null
  /** What happened before the page followed. */
  const early: ServerMessage[] = []

  function receive(socket: WebSocketRoute, message: ClientMessage): void {
    const send = (answer: ServerMessage): void => socket.send(JSON.stringify(answer))
    if ('open' in message && message.open === 'event.follow') {
      follow = (item) => send({ ...item, id: message.id })
      early.splice(0).forEach(follow)
    }
    if (!('request' in message)) return
    const answer = answers[message.request as CommandName] as ((input: unknown) => unknown) | undefined
    asked.push({ name: message.request, input: message.input })
    if (answer) return send({ id: message.id, output: answer(message.input) as never })
    unanswered.push(message.request)
    send({ id: message.id, error: { code: 'NOT_FOUND', message: `${message.request} was not written down.` } })
  }

  await page.routeWebSocket(/\/ws$/, (socket) => socket.onMessage((text) => receive(socket, JSON.parse(String(text)) as ClientMessage)))
  await page.reload()
  return {
    unanswered,
    asked,
    push(...events) {
      const message: ServerMessage = { id: 0, item: { kind: 'events', events: events as never } }
      if (follow) follow(message)
      else early.push(message)
    },
  }
}
