import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWireClient } from '../../shared/client.ts'
import type { ClientMessage } from '../../shared/wire.ts'
import { createLineEnds, drain, showAgentOutput } from './agentOutput.ts'

describe('line ends', () => {
  it('are a file’s, however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', 'ä')), fc.array(fc.nat(20)), (parts, cuts) => {
        const text = parts.join('')
        const clean = createLineEnds()
        let rest = text
        let result = ''
        for (const cut of cuts) {
          result += clean(rest.slice(0, cut))
          rest = rest.slice(cut)
        }
        result += clean(`${rest}.`)
        expect(result).toBe(`${text}.`.replaceAll('\r\n', '\n'))
      }),
    )
  })
})

describe('the output of an agent', () => {
  function setUp() {
    const posted: ClientMessage[] = []
    const client = createWireClient((message) => posted.push(message))
    const writing: { data: string; offset: number; done: () => void }[] = []
    const output = showAgentOutput(client, 'lg-7a3f9c2d', (data, offset) => new Promise((done) => writing.push({ data, offset, done })))
    const push = (offset: number, data: string): void => client.receive({ id: 1, item: { kind: 'data', offset, data } })
    return { posted, client, writing, output, push }
  }

  it('is acknowledged when it has been written, and not before', async () => {
    const { posted, writing, output, push } = setUp()
    push(0, 'hello')
    expect(posted.filter((message) => 'acknowledge' in message)).toEqual([])
    const reached = output.until(5)
    writing[0]?.done()
    await reached
    expect(posted.at(-1)).toEqual({ id: 1, acknowledge: 5 })
  })

  it('is complete at an offset, gaps passed over', async () => {
    const { client, writing, output, push } = setUp()
    await output.until(0)
    client.receive({ id: 1, item: { kind: 'gap', offset: 100 } })
    await output.until(100)
    push(100, 'x')
    const reached = output.until(101)
    writing[0]?.done()
    await reached
  })

  it('is drained to where the agent’s terminal ended', async () => {
    const { posted, client, writing, output, push } = setUp()
    let isDrained = false
    const drained = drain(client, 'lg-7a3f9c2d', output).then(() => (isDrained = true))
    const request = posted.at(-1)
    expect(request).toMatchObject({ request: 'agent.metrics' })
    client.receive({ id: request?.id ?? 0, output: { outputBytes: 5 } })
    push(0, 'hel')
    writing[0]?.done()
    await output.until(3)
    expect(isDrained).toBe(false)
    push(3, 'lo')
    writing[1]?.done()
    await drained
  })

  it('has nothing to drain when the room has closed', async () => {
    const { client, output } = setUp()
    const drained = drain(client, 'lg-7a3f9c2d', output)
    client.disconnected('Gone.')
    await drained
  })

  it('is lost with the room', async () => {
    const { client, output } = setUp()
    client.disconnected('Gone.')
    await expect(output.lost).rejects.toThrow('Gone.')
  })
})
