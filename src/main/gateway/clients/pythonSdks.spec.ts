import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findInterpreters, pythonEnvironment } from '../../../../scripts/pythonEnvironments.ts'
import type { LaunchRequest } from '../../../shared/contract/agents.ts'
import type { Agent } from '../../../shared/domain/agent.ts'
import { isSettled } from '../../../shared/domain/agentStatus.ts'
import type { Call } from '../../../shared/domain/llm.ts'
import { composeControlRoom } from '../../compose.ts'
import type { ControlRoom } from '../../controlRoom.ts'
import { systemClock, systemRandom } from '../../systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
/** Nanodollars for a token. */
const PRICES: Readonly<Record<string, readonly [input: number, output: number]>> = {
  'gpt-4': [30_000, 60_000],
  'gpt-4o': [2_500, 10_000],
  'text-embedding-3-small': [20, 0],
  'claude-sonnet-4-6': [3_000, 15_000],
}
const [interpreter] = await findInterpreters()
const python = await pythonEnvironment('sdk', interpreter)

interface Ran {
  readonly agent: Agent
  readonly calls: readonly Call[]
  /** What the agent printed, in lines. */
  readonly lines: readonly string[]
  readonly said: readonly (readonly [step: string, what: unknown])[]
  readonly used: readonly (readonly [step: string, model: string, input: number, output: number])[]
}

describe.skipIf(python.missing !== null)(`the Python SDKs${python.missing === null ? '' : ` (skipped: ${python.missing})`}`, () => {
  let folder: string
  let room: ControlRoom
  const defects: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'iron-cage-python-'))
    room = await composeControlRoom({
      clock: systemClock,
      random: systemRandom,
      dataFolder: join(folder, 'data'),
      host: 'terminal',
      version: '1.2.3',
      environment: { PATH: process.env['PATH'], HOME: folder, VIRTUAL_ENV: python.folder ?? undefined, PYTHONDONTWRITEBYTECODE: '1' },
      onLogEntry: ({ event, msg, fields }) => void (event === 'room.defect' && defects.push(`${msg} ${String(fields?.error)}`)),
      onStopRequested: () => undefined,
    })
  })
  afterAll(async () => {
    await room.stop()
    await rm(folder, { recursive: true, force: true })
    expect(defects).toEqual([])
  })

  /** Runs an agent to its end, as `iron_cage start` does. */
  async function runAgent(name: string, request: Partial<LaunchRequest> = {}): Promise<Ran> {
    const script = join(import.meta.dirname, 'agents', name)
    const { id } = (await room.router.request(
      'agent.start',
      { script, restart: 'never', provider: 'simulated', ...request },
      OWNER,
    )) as unknown as Agent
    await new Promise<void>((resolve) => {
      const look = async (): Promise<void> => {
        if (!isSettled(((await room.router.request('agent.status', { agentId: id }, OWNER)) as unknown as Agent).status)) return
        stopListening()
        resolve()
      }
      const stopListening = room.bus.listen((batch) => void (batch.some(({ name }) => name === 'agent.changed') && look()))
      void look()
    })
    const agent = (await room.router.request('agent.status', { agentId: id }, OWNER)) as unknown as Agent
    const { calls } = (await room.router.request('call.list', { agentId: id, limit: 100 }, OWNER)) as unknown as { calls: Call[] }
    const tail = (await room.router.request('terminal.tail', { agentId: id }, OWNER)) as unknown as { lines: { text: string }[] }
    const lines = tail.lines.map(({ text }) => text).filter((line) => line !== '')
    const told = <T>(word: string): T[] =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => JSON.parse(line.slice(word.length)) as T)
    return { agent, calls, lines, said: told('said'), used: told('used') }
  }

  const costOf = (used: Ran['used']): number =>
    used.reduce((sum, [, model, input, output]) => sum + input * PRICES[model]![0] + output * PRICES[model]![1], 0)
  const spent = async ({ agent }: Ran): Promise<number> =>
    ((await room.router.request('budget.status', { agentId: agent.id }, OWNER)) as unknown as { spent: number }).spent

  it('of OpenAI, in an unmodified script: every call is answered, seen, and charged what it used', async () => {
    const ran = await runAgent('openai_agent.py', { simulatedFailures: [{ kind: 'rate-limit', at: 1, times: 1, retryAfterMs: 5 }] })
    expect(ran.lines.filter((line) => !/^(said|used) /.test(line))).toEqual([])
    expect(ran.agent).toMatchObject({ status: 'stopped', exit: { code: 0 } })
    expect(ran.said).toEqual([
      ['chat', expect.stringContaining('Maria')],
      ['stream', [expect.stringMatching(/^1\. /), true]],
      ['tool call', ['get_weather', { city: 'Paris' }]],
      ['tool answer', expect.stringContaining('sky: overcast, degrees: 17')],
      ['embed', [1_536, 1_536]],
      ['respond', expect.stringContaining('wood')],
      ['mistake', ['BadRequestError', 'empty_array']],
      ['mistake', ['BadRequestError', 'model_not_priced']],
      ['models', true],
    ])
    const [streamed] = ran.calls.filter(({ isStreamed, model }) => isStreamed && model === 'gpt-4')
    const { usage } = streamed!
    const all: Ran['used'] = [...ran.used, ['stream', 'gpt-4', usage.input!, usage.output!]]
    expect(ran.used.map(([step]) => step)).toEqual([
      'chat',
      'stream with usage',
      'tool call',
      'tool answer',
      'embed',
      'respond',
      ...Array.from({ length: 5 }, () => 'async'),
    ])
    expect(await spent(ran)).toBe(costOf(all))
    expect(ran.calls.reduce((sum, { cost }) => sum + cost, 0)).toBe(costOf(all))
    expect(
      ran.calls
        .map(({ outcome }) => outcome)
        .filter((outcome) => outcome !== 'answered')
        .sort(),
    ).toEqual(['refused', 'rejected'])
    expect(ran.calls.at(-1)?.attempts.map(({ status }) => status)).toEqual([429, 200])
  })

  it('of Anthropic, in an unmodified script: every call is answered, seen, and charged what it used', async () => {
    const ran = await runAgent('anthropic_agent.py', { simulatedFailures: [{ kind: 'rate-limit', at: 2, times: 1, retryAfterMs: 5 }] })
    expect(ran.lines.filter((line) => !/^(said|used) /.test(line))).toEqual([])
    expect(ran.agent).toMatchObject({ status: 'stopped', exit: { code: 0 } })
    expect(ran.said).toEqual([
      ['message', expect.stringContaining('Hi Maria')],
      ['stream', expect.stringMatching(/^1\. /)],
      ['tool call', ['get_weather', { city: 'Paris' }]],
      ['tool answer', expect.stringContaining('17 degrees and overcast')],
      ['mistake', ['BadRequestError', 'invalid_request_error']],
      ['mistake', ['BadRequestError', 'invalid_request_error']],
      ['count', true],
      ['models', true],
    ])
    expect(ran.used).toHaveLength(9)
    expect(await spent(ran)).toBe(costOf(ran.used))
    expect(ran.calls.find(({ isStreamed }) => isStreamed)?.attempts.map(({ status }) => status)).toEqual([429, 200])
  })

  it('raise their own error at once when somebody declines to raise the budget', async () => {
    const stopListening = room.bus.listen((batch) => {
      for (const event of batch) {
        if (event.name !== 'budget.callParked') continue
        const { callId } = event.payload.parked
        void room.router.request('budget.decline', { agentId: event.agentId, callId, reason: 'That is enough.' }, OWNER)
      }
    })
    const ran = await runAgent('spending_agent.py', { budget: '$0.02', atLimit: 'ask' })
    stopListening()
    expect(ran.lines).toEqual([expect.stringMatching(/^stopped at \d+: APIStatusError 402 budget_exceeded$/)])
    const refused = ran.calls.filter(({ outcome }) => outcome === 'refused')
    expect(refused).toMatchObject([{ refusal: 'declined', cost: 0 }])
    expect(await spent(ran)).toBeGreaterThan(0)
    expect(await spent(ran)).toBeLessThanOrEqual(20_000_000)
  })

  it('are ended with their run where nobody can be asked', async () => {
    const ran = await runAgent('spending_agent.py', { budget: '$0.02' })
    expect(ran.agent.status).toBe('over-budget')
    expect(ran.calls.filter(({ outcome }) => outcome === 'refused')).toHaveLength(1)
    expect(await spent(ran)).toBeLessThanOrEqual(20_000_000)
  })
})
