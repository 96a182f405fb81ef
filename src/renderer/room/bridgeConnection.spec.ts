// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import type { ClientMessage, ServerMessage } from '../../shared/wire.ts'
import { connectOverBridge } from './bridgeConnection.ts'

function setUp(paths: Record<string, string> = {}) {
  const posted: ClientMessage[] = []
  const listeners = new Set<(message: ServerMessage) => void>()
  const connection = connectOverBridge({
    post: (message) => posted.push(message),
    onMessage: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    pathOf: (file) => paths[file.name] ?? '',
  })
  return { connection, posted, listeners }
}

describe('a connection over the window’s bridge', () => {
  it('is open from the start and carries requests', async () => {
    const { connection, posted, listeners } = setUp()
    expect(connection.state()).toEqual({ kind: 'open' })
    const asked = connection.client.request('launch.recent', {})
    expect(posted).toEqual([{ id: 1, request: 'launch.recent', input: {} }])
    for (const listener of listeners) listener({ id: 1, output: { scripts: [] } })
    expect(await asked).toEqual({ scripts: [] })
  })

  it('knows a dropped file by its path, and leaves it where it is', async () => {
    const { connection, posted } = setUp({ 'agent.py': '/invented/agent.py' })
    expect(await connection.takeFiles([new File(['x'], 'leads.csv'), new File(['x'], 'agent.py')])).toBe('/invented/agent.py')
    expect(posted).toEqual([])
  })

  it('says so when a file lies on no disk', async () => {
    const { connection } = setUp()
    await expect(connection.takeFiles([new File(['x'], 'agent.py')])).rejects.toThrow('"agent.py" lies on no disk')
  })

  it('does not guess between two scripts', async () => {
    const { connection } = setUp({ 'a.py': '/a.py', 'b.py': '/b.py' })
    await expect(connection.takeFiles([new File(['x'], 'a.py'), new File(['x'], 'b.py')])).rejects.toThrow('(a.py, b.py)')
  })

  it('takes its listener off when it closes', async () => {
    const { connection, listeners } = setUp()
    const asked = connection.client.request('launch.recent', {})
    connection.close()
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(listeners.size).toBe(0)
  })
})
