import { describe, expect, it } from 'vitest'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { CallId } from '../../../shared/domain/llm.ts'
import type { Clock } from '../../ports.ts'
import { systemClock } from '../../systemPorts.ts'
import type { Scanner } from '../../safety/scan/scanner.ts'
import { readJson } from '../largeJson.ts'
import { createTestSafetyDesk, type TestSafetyDesk } from '../testSafetyDesk.ts'
import { createRequestGuard, type GuardedRequest, type GuardRefusal, type PassedRequest } from './requestGuard.ts'

const agentId: AgentId = 'agent-0123456789abcdef'
const callId: CallId = 'call-0123456789abcdef'
const LARGE = 'Good morning! '.repeat(50_000)

interface Checked {
  readonly result: PassedRequest | GuardRefusal
  readonly wasAtOnce: boolean
  /** How often the event loop went round meanwhile. */
  readonly rounds: number
  readonly defects: readonly unknown[]
}

async function check(json: unknown, safety: TestSafetyDesk, clock: Clock = systemClock): Promise<Checked> {
  const body = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
  const defects: unknown[] = []
  const guard = createRequestGuard({ safety, clock, onDefect: (defect) => void defects.push(defect) })
  const request: GuardedRequest = { agentId, callId, path: '/chat/completions', headers: [], body, read: await readJson(body) }
  let rounds = 0
  let isOver = false
  const count = (): void => {
    if (isOver) return
    rounds++
    setImmediate(count)
  }
  const checking = guard.check(request)
  setImmediate(count)
  const result = await checking
  isOver = true
  return { result, wasAtOnce: !(checking instanceof Promise), rounds, defects }
}

/** Notes how much it is given at once. */
function measured(scanner: Scanner, lengths: number[]): Scanner {
  return {
    scan(text) {
      lengths.push(text.length)
      return scanner.scan(text)
    },
    stream() {
      const stream = scanner.stream()
      return {
        push(text) {
          lengths.push(text.length)
          return stream.push(text)
        },
        end: () => stream.end(),
        get held() {
          return stream.held
        },
      }
    },
  }
}

describe('a request', () => {
  it('that is small is checked at once', async () => {
    const checked = await check({ model: 'gpt-4', messages: [{ role: 'user', content: 'to ceo@acme.com' }] }, createTestSafetyDesk())
    expect([checked.wasAtOnce, checked.rounds]).toEqual([true, 0])
  })

  it.each([
    ['one text', { messages: [{ role: 'user', content: LARGE }] }],
    ['JSON in a string in a string', { messages: [{ role: 'tool', content: JSON.stringify({ again: JSON.stringify({ text: LARGE }) }) }] }],
    ['many texts', { messages: Array.from({ length: 10_000 }, () => ({ role: 'user', content: 'Good morning, how are you? Here is some more text.' })) }],
    ['a document behind base64', { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'base64', media_type: 'text/plain', data: Buffer.from(LARGE).toString('base64') } }] }] }],
  ])('of %s lets others have their turn after every slice', async (_what, json) => {
    const lengths: number[] = []
    const safety = createTestSafetyDesk()
    safety.scanner = measured(safety.scannerFor(agentId), lengths)
    const { rounds, wasAtOnce } = await check(json, safety)
    const read = lengths.reduce((sum, length) => sum + length, 0)
    expect(wasAtOnce).toBe(false)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(16 * 1024)
    expect(rounds).toBeGreaterThanOrEqual(Math.floor(read / (16 * 1024)))
  })

  it('full of findings lets others have their turn, and is decided on in portions', async () => {
    const safety = createTestSafetyDesk()
    const content = Array.from({ length: 1_000 }, (_, index) => `person${index}@acme.com`).join(' ')
    const { result, rounds } = await check({ messages: [{ role: 'user', content }] }, safety)
    expect((result as PassedRequest).body.toString()).not.toContain('acme')
    expect(Math.max(...safety.sightings.map(({ matches }) => matches.length))).toBeLessThanOrEqual(50)
    expect(rounds).toBeGreaterThanOrEqual(15)
  })

  it.each([
    ['one text within', 100_000, '['],
    ['a text at each step', 5_000, '["x",'],
  ])('that goes deeper than anybody looks, with %s, is checked in time that grows with its length', async (_what, depth, step) => {
    const { result } = await check(`{"messages":[{"role":"tool","content":${step.repeat(depth)}"ceo@acme.com"${']'.repeat(depth)}}]}`, createTestSafetyDesk())
    expect((result as PassedRequest).body.toString().slice(-100_500)).toContain('[EMAIL_REDACTED]')
  })

  it('with a document where nobody looks is refused', async () => {
    const document = '{"type":"base64","media_type":"text/plain","data":"SGVsbG8="}'
    const { result, defects } = await check(`{"messages":[{"role":"tool","content":${'['.repeat(500)}${document}${']'.repeat(500)}}]}`, createTestSafetyDesk())
    expect(result).toMatchObject({ answer: 'unchecked' })
    expect(String(defects)).toContain('deeper in the request than it can be looked through')
  })

  it('whose check takes too long is refused', async () => {
    let now = 0
    const clock: Clock = { ...systemClock, now: () => (now += 3_000) }
    const { result, defects } = await check({ messages: [{ role: 'user', content: LARGE }] }, createTestSafetyDesk(), clock)
    expect(result).toEqual({ refusal: 'private-data', answer: 'unchecked', message: 'The request could not be checked for private data: nothing was forwarded.' })
    expect(String(defects)).toContain('took too long')
  })
})
