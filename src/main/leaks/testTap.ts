import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Evidence } from './testSearch.ts'

/** Stands between two on a wire, and keeps every byte. For specs only. */
export interface Tap {
  readonly port: number
  /** What came from whoever called, and what came back, by connection. */
  readonly there: readonly Evidence[]
  readonly back: readonly Evidence[]
  close(): Promise<void>
}

export async function openTap(name: string, target: number): Promise<Tap> {
  const connections: { there: Buffer[]; back: Buffer[] }[] = []
  const sockets = new Set<Socket>()
  const server = createServer((caller) => {
    const kept = { there: [] as Buffer[], back: [] as Buffer[] }
    connections.push(kept)
    const callee = connect(target, '127.0.0.1')
    join(caller, callee, kept.there)
    join(callee, caller, kept.back)
  })

  function join(from: Socket, to: Socket, kept: Buffer[]): void {
    sockets.add(from)
    from.on('data', (bytes: Buffer) => {
      kept.push(bytes)
      to.write(bytes)
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroySoon()
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const evidence = (way: 'there' | 'back'): Evidence[] =>
    connections.map((kept, index) => ({ name: `${name}, connection ${index + 1} ${way}`, bytes: Buffer.concat(kept[way]) }))
  return {
    port: (server.address() as AddressInfo).port,
    get there() {
      return evidence('there')
    },
    get back() {
      return evidence('back')
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
