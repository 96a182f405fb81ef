import { expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import { systemRandom } from '../systemPorts.ts'
import { createAskInstances, type AskInstances } from './askInstances.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const KEY = Buffer.alloc(32, 7)

/** Several instances on one line that keeps what went over it. */
function createNet() {
  const clock = createTestClock()
  const hearers = new Map<string, (message: string) => void>()
  const said: { to: string; message: string }[] = []
  const asked: unknown[] = []
  const open = (own: string, key: Buffer | null = KEY): Promise<AskInstances> =>
    createAskInstances({
      own,
      clock,
      random: systemRandom,
      key: () => key,
      openLine: async (hear) => {
        hearers.set(own, hear)
        return {
          async send(to, message) {
            said.push({ to, message })
            hearers.get(to)?.(message)
            return hearers.has(to)
          },
          close: async () => void hearers.delete(own),
        }
      },
      async request(name, input, caller): Promise<JsonValue> {
        asked.push({ name, input, caller })
        if (name === 'never') return new Promise<JsonValue>(() => {})
        if (name === 'refused') throw new AppError('CONFLICT', 'It is stopped.', { left: 1 })
        if (name === 'broken') throw new Error('an invented secret')
        return { done: input as JsonValue }
      },
      onDefect(defect) {
        throw defect
      },
    })
  return { clock, said, asked, open, hear: (to: string, message: string) => hearers.get(to)?.(message) }
}
const question = (name: string) => ({ name, input: { agentId: 'lg-00000001' }, caller: OWNER })

it('is answered and refused there as it would be here, by the same caller', async () => {
  const net = createNet()
  const [one] = [await net.open('one'), await net.open('other')]
  expect(await one.ask('other', question('agent.stop'))).toEqual({ done: { agentId: 'lg-00000001' } })
  expect(net.asked).toEqual([question('agent.stop')])
  await expect(one.ask('other', question('refused'))).rejects.toMatchObject({ code: 'CONFLICT', message: 'It is stopped.', details: { left: 1 } })
  await expect(one.ask('other', question('broken'))).rejects.toMatchObject({ code: 'INTERNAL', message: expect.not.stringContaining('invented') as string })
})

it('is not done for somebody with another key, twice, late, or for whom it was not meant', async () => {
  const net = createNet()
  const [one, stranger] = [await net.open('one'), await net.open('stranger', Buffer.alloc(32, 8)), await net.open('other'), await net.open('third')]
  await one.ask('other', question('agent.stop'))
  const [first] = net.said
  void stranger.ask('other', question('agent.stop')).catch(() => undefined)
  net.hear('other', first?.message ?? '')
  net.hear('third', first?.message ?? '')
  net.hear('other', 'nonsense')
  await new Promise((resolve) => setImmediate(resolve))
  expect(net.asked).toEqual([question('agent.stop')])
  // Nobody remembers it by then.
  net.clock.advance(600_000)
  void one.ask('other', question('never')).catch(() => undefined)
  net.hear('other', first?.message ?? '')
  await new Promise((resolve) => setImmediate(resolve))
  expect(net.asked).toEqual([question('agent.stop'), question('never')])
})

it('says so at once where nobody listens or nobody could tell who speaks, and after a while where nobody answers', async () => {
  const net = createNet()
  const one = await net.open('one')
  await expect(one.ask('gone', question('agent.stop'))).rejects.toThrow('This belongs to the control room gone, which is not there: start it again.')
  await net.open('other')
  await expect((await net.open('keyless', null)).ask('other', question('agent.stop'))).rejects.toMatchObject({ code: 'CONFLICT' })
  const silent = one.ask('other', question('never'))
  net.clock.advance(60_000)
  await expect(silent).rejects.toThrow('The control room other does not answer; whether it has done it is not known.')
  const brief = one.ask('other', question('never'), 3_000)
  net.clock.advance(3_000)
  await expect(brief).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

it('who waits for an answer while this control room closes is told that there is none', async () => {
  const net = createNet()
  const [one] = [await net.open('one'), await net.open('other')]
  const waiting = one.ask('other', question('never'))
  await one.close()
  await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})
