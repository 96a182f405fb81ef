import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

/** The yardstick: `ws` alone and a page without any framework that appends one line to a list of a thousand before the next frame. */

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Bare</title>
<ol aria-label="Activity, newest last" style="height: 600px; overflow: auto; margin: 0; list-style: none"></ol>
<script>
  const list = document.querySelector('ol')
  let waiting = []
  function append(message) {
    const line = document.createElement('li')
    line.textContent = message
    list.append(line)
    if (list.childElementCount > 1200) list.firstElementChild.remove()
  }
  for (let number = 0; number < 1000; number++) append('An earlier line ' + number + '.')
  new WebSocket(location.href.replace('http', 'ws')).onmessage = ({ data }) => {
    if (waiting.length === 0) requestAnimationFrame(() => {
      for (const message of waiting) append(message)
      waiting = []
      list.scrollTop = list.scrollHeight
    })
    waiting.push(JSON.parse(data).item.events[0].message)
  }
</script>
`

export interface BareEventPage {
  readonly url: string
  send(message: string): void
  close(): void
}

export async function serveBareEventPage(): Promise<BareEventPage> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(PAGE))
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    send(message) {
      const text = JSON.stringify({ id: 1, item: { kind: 'events', events: [{ message }] } })
      for (const viewer of webSockets.clients) viewer.send(text)
    },
    close() {
      for (const viewer of webSockets.clients) viewer.terminate()
      server.close()
      server.closeAllConnections()
    },
  }
}
