import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'

/** The yardstick of bench/gateway: node:http in front, undici's `request` behind, nothing looked at. Prints its URL. */

const [upstream = ''] = process.argv.slice(2)
const dispatcher = new Agent()
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'host']

const server = createServer((incoming, outgoing) => {
  const parts: Buffer[] = []
  incoming.on('data', (part: Buffer) => parts.push(part))
  incoming.on('end', async () => {
    const headers = { ...incoming.headers }
    for (const name of HOP_BY_HOP) delete headers[name]
    const options = { dispatcher, method: 'POST', headers, body: parts.length === 1 ? parts[0] : Buffer.concat(parts) } as const
    const answer = await request(upstream + (incoming.url ?? ''), options)
    const passed = { ...answer.headers }
    for (const name of HOP_BY_HOP) delete passed[name]
    outgoing.writeHead(answer.statusCode, passed)
    answer.body.pipe(outgoing)
  })
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
