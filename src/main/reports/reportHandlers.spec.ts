import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../shared/domain/roles.ts'
import { NO_RULES, type SafetyPlan } from '../../shared/domain/safetyRules.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { createTestRouter } from '../router/testRouter.ts'
import type { Router } from '../router/router.ts'
import { AGENT, openTestSafety, type TestSafety } from '../safety/desk/testSafetyDesk.ts'
import { createJsonCheck } from '../safety/json/jsonCheck.ts'
import { createScanner } from '../safety/scan/createScanner.ts'
import { createSinkRedactor, withholding } from '../safety/sinkRedactor.ts'
import { useTestFolders } from '../state/testFolder.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { createRaisedExceptions, type RaisedExceptions } from './raisedExceptions.ts'
import { createReports, type Reports } from './reportHandlers.ts'

const folders = useTestFolders()
const ITSELF: Caller = { role: 'agent', id: AGENT }
let test: TestSafety
let router: Router
let reports: Reports
let raised: RaisedExceptions
let logged: LogEntry[]

beforeEach(async () => {
  test = await openTestSafety({ dataFolder: folders.make() })
  logged = []
  const sink = createSinkRedactor(createScanner)
  const redact = withholding(sink.redact)
  raised = createRaisedExceptions({ clock: test.clock, redact })
  const log = { write: (entry: LogEntry) => void logged.push(entry), flush: async () => undefined }
  reports = createReports({ safety: test.desk, check: createJsonCheck({ desk: test.desk, sink }), raised, bus: test.bus, log, clock: test.clock, workingDirectoryOf: () => '/invented', redact })
  router = createTestRouter(reports.handlers).router
})
afterEach(() => {
  reports.close()
  return test.close()
})

const launch = (safety: Partial<SafetyPlan> = {}): Promise<void> => test.launch(safety)
const ask = (name: string, input: object): Promise<JsonValue> => router.request(name, { agentId: AGENT, ...input }, ITSELF)
const RAISED = { type: 'ValueError', message: 'no such lead: ceo@acme.com', traceback: 'Traceback\n  to ceo@acme.com', isHandled: false, place: 'main' }

describe('an exception', () => {
  it('is told redacted, at ERROR where nobody handled it, and is what the agent ended of', async () => {
    await launch()
    await ask('agent.raise', RAISED)
    expect(test.heard('agent.raised')).toMatchObject([
      {
        severity: 'ERROR',
        message: 'ValueError: no such lead: [EMAIL_REDACTED] in main was not handled.',
        payload: { raised: { message: 'no such lead: [EMAIL_REDACTED]', traceback: 'Traceback\n  to [EMAIL_REDACTED]' } },
      },
    ])
    expect(raised.lastUnhandled(AGENT)).toBe('ValueError: no such lead: [EMAIL_REDACTED]')
    raised.forget(AGENT)
    expect(raised.lastUnhandled(AGENT)).toBeNull()
  })

  it('that two see is told once; that it was not handled after all is told too', async () => {
    await launch()
    await ask('agent.raise', { ...RAISED, isHandled: true, place: 'score' })
    await ask('agent.raise', { ...RAISED, isHandled: true })
    await ask('agent.raise', RAISED)
    await ask('agent.raise', { ...RAISED, place: 'MainThread' })
    expect(test.heard('agent.raised').map(({ severity }) => severity)).toEqual(['WARN', 'ERROR'])
    test.clock.advance(2_000)
    await ask('agent.raise', RAISED)
    expect(test.heard('agent.raised')).toHaveLength(3)
  })

  it('in a flood is counted, and the one that ends the agent is heard all the same', async () => {
    await launch()
    for (let i = 0; i < 100; i++) await ask('agent.raise', { ...RAISED, message: `lead ${i}`, isHandled: true })
    await ask('agent.raise', { ...RAISED, message: 'the last' })
    expect(test.heard('agent.raised')).toHaveLength(21)
    expect(raised.lastUnhandled(AGENT)).toBe('ValueError: the last')
    test.clock.advance(1_000)
    expect(logged).toMatchObject([{ level: 'WARN', agentId: AGENT, msg: '80 more handled exceptions within a second were left out.' }])
  })
})

describe('lines for the log', () => {
  it('go there; those that warn are events', async () => {
    await launch()
    await ask('agent.log', { lines: [{ level: 'INFO', message: 'Lead 7', fields: { lead: 7 } }, { level: 'WARN', message: 'Slow', fields: { ms: 900 } }] })
    expect(logged).toEqual([{ level: 'INFO', event: 'agent.logged', agentId: AGENT, msg: 'Lead 7', fields: { lead: 7 } }])
    expect(test.heard('log.written')).toMatchObject([{ agentId: AGENT, severity: 'WARN', message: 'Slow', payload: { fields: { ms: 900 } } }])
  })

  it('are no place for documents', async () => {
    await launch()
    await ask('agent.log', { lines: [{ level: 'INFO', message: 'All leads', fields: { leads: 'x'.repeat(20_000) } }] })
    expect(logged).toMatchObject([{ msg: 'All leads', fields: { leftOut: '20,012 characters of fields' } }])
  })

  it('in a flood are counted', async () => {
    await launch()
    const lines = Array.from({ length: 500 }, (_, i) => ({ level: 'INFO', message: `Line ${i}` }))
    await ask('agent.log', { lines })
    expect(logged).toHaveLength(200)
    test.clock.advance(1_000)
    expect(logged.at(-1)).toMatchObject({ event: 'agent.flooded', fields: { count: 300 } })
    await ask('agent.log', { lines: lines.slice(0, 1) })
    expect(logged).toHaveLength(202)
  })
})

describe('a tool', () => {
  const MAIL = { toolCallId: 'tool-1', name: 'send_mail', input: { to: 'ceo@acme.com', password: 'invented-pass-1234' } }

  it('gets its arguments as the rules let them pass, and its answer too; both are told', async () => {
    await launch()
    const begun = (await ask('tool.begin', MAIL)) as { input: object }
    expect(begun).toMatchObject({ isAllowed: true, reason: null, input: { to: '[EMAIL_REDACTED]' } })
    const ended = await ask('tool.end', { toolCallId: 'tool-1', name: 'send_mail', isOk: true, output: ['ceo@acme.com', 'ok'], latencyMs: 1_250 })
    expect(ended).toEqual({ output: ['[EMAIL_REDACTED]', 'ok'] })
    expect(test.heard('tool.began')).toMatchObject([{ severity: 'INFO', payload: { isAllowed: true, input: JSON.stringify(begun.input) } }])
    expect(test.heard('tool.ended')).toMatchObject([{ message: 'The tool send_mail has answered after 1.2 s.', payload: { output: '["[EMAIL_REDACTED]","ok"]' } }])
    expect((await test.records()).map(({ direction, place, action }) => [direction, place, action])).toContainEqual(['tools', 'tool.input.to', 'redacted'])
  })

  it('that the file does not allow is refused, and stands in the audit', async () => {
    await launch({ permissions: { models: null, tools: ['search_*'], hosts: ['example.com'], paths: null } })
    expect(await ask('tool.begin', MAIL)).toEqual({
      isAllowed: false,
      reason: 'The agent asked for the tool send_mail; its allowed_tools names search_*. Add it to allowed_tools if it is meant to be used.',
      input: null,
    })
    expect(await ask('tool.begin', { ...MAIL, name: 'search_web', input: { url: 'https://evil.test/x' } })).toMatchObject({ isAllowed: false, input: null })
    expect(await ask('tool.begin', { ...MAIL, name: 'search_web', input: { url: 'https://example.com/x' } })).toMatchObject({ isAllowed: true })
    expect(await test.records()).toMatchObject([
      { kind: 'unauthorised', type: 'tool', direction: 'tools', action: 'refused', preview: 'send_mail' },
      { kind: 'unauthorised', type: 'host', direction: 'tools', action: 'refused' },
    ])
    expect(test.heard('tool.began').map(({ payload }) => payload.isAllowed)).toEqual([false, false, true])
  })

  it('is halted with its agent where the rules say "block"', async () => {
    await launch({ rules: { ...NO_RULES, mode: 'block' } })
    expect(await ask('tool.begin', MAIL)).toMatchObject({ isAllowed: false, reason: expect.stringMatching(/^An email address was found in a tool call/), input: null })
    await expect(ask('tool.end', { toolCallId: 'tool-1', name: 'send_mail', isOk: true, output: 'ceo@acme.com' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(test.halted).toHaveLength(1)
  })

  it('shows the beginning of what is long, and hides nothing of it from its own agent', async () => {
    await launch()
    const output = 'x '.repeat(5_000)
    expect(await ask('tool.end', { toolCallId: 'tool-1', name: 'read', isOk: true, output })).toEqual({ output })
    expect(test.heard('tool.ended')[0]?.payload.output).toHaveLength(2_001)
  })
})

it('what is shown of a tool is redacted before it is cut, whatever the rules let through', async () => {
  await launch({ rules: { ...NO_RULES, mode: 'warn' } })
  const output = `${'x '.repeat(996)}ceo@acme.com`
  expect(await ask('tool.end', { toolCallId: 'tool-1', name: 'read', isOk: true, output })).toEqual({ output })
  expect(test.heard('tool.ended')[0]?.payload.output).toMatch(/x \[EMAIL_…$/)
})

describe('an output', () => {
  it('goes as the rules let it', async () => {
    await launch()
    expect(await ask('output.check', { value: { mail: 'ceo@acme.com', count: 7 } })).toEqual({ value: { mail: '[EMAIL_REDACTED]', count: 7 }, isBlocked: false, types: ['email'], reason: null })
    expect(await ask('output.check', { place: 'page', value: 'clean' })).toEqual({ value: 'clean', isBlocked: false, types: [], reason: null })
  })

  it('is left as it is where they say "warn", and nothing of it goes where they say "block"', async () => {
    await launch({ rules: { ...NO_RULES, mode: 'warn' } })
    expect(await ask('output.check', { value: 'ceo@acme.com' })).toMatchObject({ value: 'ceo@acme.com', types: ['email'] })
    await test.desk.setRules(AGENT, { ...NO_RULES, mode: 'block' }, 'owner (admin)')
    expect(await ask('output.check', { value: 'ceo@acme.com' })).toMatchObject({ value: null, isBlocked: true, reason: expect.stringMatching(/^An email address was found/) })
    expect(test.halted).toHaveLength(1)
  })
})

it('an agent reports of itself only', async () => {
  await launch()
  const other: Caller = { role: 'agent', id: 'lg-00000000' }
  for (const [name, input] of [
    ['agent.raise', RAISED],
    ['agent.log', { lines: [{ level: 'INFO', message: 'x' }] }],
    ['tool.begin', { toolCallId: 'a', name: 'b' }],
    ['tool.end', { toolCallId: 'a', name: 'b', isOk: true }],
    ['output.check', { value: 1 }],
  ] as const) {
    await expect(router.request(name, { agentId: AGENT, ...input }, other)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  }
})
