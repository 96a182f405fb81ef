import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EVENT_PAYLOADS, type Announcement, type EventName } from '../../shared/domain/event.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { WITHHELD } from '../safety/sinkRedactor.ts'
import { createEventRedactor } from './eventRedactor.ts'

const SEED = 'ceo@acme.test'
const MARKER = '[EMAIL_REDACTED]'
const redact = createEventRedactor((text) => text.replaceAll(SEED, MARKER))

interface JsonSchema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  pattern?: string
  format?: string
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  propertyNames?: JsonSchema
  minimum?: number
  $ref?: string
}

const PATTERNED: Record<string, string> = {
  '^[a-z0-9]{2}-': 'lg-41555501',
  '^call-': 'call-4155550132000000',
  '^find-': 'find-4155550132000000',
  '^secret-': 'secret-415555013200',
  '^[A-Za-z_][A-Za-z0-9_]{0,127}': 'KEY_4155550132',
  '^[a-z][a-z0-9_.-]': 'linkedin',
  '^(?:\\*\\.)?': '*.linkedin.test',
  '^(?:[a-z0-9_]': 'api.linkedin.test:443',
}

/** A value of this schema in which every string is the seed, unless its schema says what it looks like. */
function seededValue(schema: JsonSchema): unknown {
  if (schema.enum) return schema.enum[0]
  if ('const' in schema) return schema.const
  if (schema.anyOf) return seededValue(schema.anyOf.find(({ type }) => type !== 'null') ?? {})
  if (schema.format === 'date-time') return '2026-11-02T09:30:00.000Z'
  const pattern = schema.pattern ?? schema.allOf?.find((part) => part.pattern)?.pattern
  if (pattern) return Object.entries(PATTERNED).find(([start]) => pattern.startsWith(start))?.[1] ?? `no sample for ${pattern}`
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return SEED
    case 'array':
      return [seededValue(schema.items ?? {})]
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(([key, member]) => [key, seededValue(member)])
      const { additionalProperties: member, propertyNames } = schema
      const names = propertyNames?.enum ?? [SEED]
      if (typeof member === 'object' && !schema.properties) members.push(...names.map((name) => [String(name), seededValue(member)]))
      return Object.fromEntries(members)
    }
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    default:
      // Any JSON value.
      return { [SEED]: [SEED, 1, null, { deep: SEED }] }
  }
}

/** What a test of its own says to be left as it is. */
function withoutExact(announcement: Announcement): string {
  return JSON.stringify(announcement, (key, value: unknown) => (['llm', 'safety', 'valueHash', 'secret'].includes(key) ? null : value))
}

describe('before an event is stored', () => {
  it('its message is redacted', () => {
    const announcement = { name: 'agent.removed', agentId: 'lg-7a3f9c2d', severity: 'INFO', message: `${SEED} has left`, payload: {} } as const
    expect(redact(announcement)).toEqual({ ...announcement, message: `${MARKER} has left` })
  })

  // Of any event that there will ever be: what its payload may hold is read from its schema by another walker than ours.
  it.each(Object.keys(EVENT_PAYLOADS) as EventName[])('%s holds nothing private, and is still what it was', (name) => {
    const schema = EVENT_PAYLOADS[name]
    const payload = seededValue(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as JsonSchema) as Record<string, unknown>
    const redacted = redact({ name, agentId: 'lg-41555501', severity: 'INFO', message: SEED, payload } as Announcement)
    const parsed = schema.safeParse(redacted.payload)
    expect(parsed.error).toBeUndefined()
    expect(withoutExact(redacted)).not.toContain(SEED)
    expect(JSON.stringify(redacted)).toContain(MARKER)
  })

  it('ids, hashes and what an agent is allowed stay exact, whatever they look like', () => {
    const all = createEventRedactor(() => '[X]')
    const plan = samplePlan({ llm: { ...samplePlan().llm, upstreams: { openai: 'http://192.0.2.7/v1', anthropic: null } } })
    const safety = { ...plan.safety, notPrivate: [SEED] }
    const agent = sampleAgent({ plan: { ...plan, safety } })
    const changed = all({ name: 'agent.changed', agentId: agent.id, severity: 'INFO', message: '', payload: { agent } })
    expect(changed.payload).toMatchObject({ agent: { id: agent.id, status: agent.status, plan: { llm: plan.llm, safety, name: '[X]' } } })
    const record = {
      id: 'find-4155550132000000', at: 1, kind: 'private', agentId: agent.id, callId: 'call-4155550132000000', type: 'email', severity: 'WARN',
      direction: null, place: 'terminal', action: 'redacted', valueHash: '4155550132', preview: SEED, hasOriginal: false, about: null, actor: null, reason: null,
    } as const
    const recorded = all({ name: 'safety.recorded', agentId: agent.id, severity: 'INFO', message: '', payload: { records: [record] } })
    expect(recorded.payload).toMatchObject({ records: [{ id: record.id, callId: record.callId, valueHash: record.valueHash, preview: '[X]' }] })
    const secret = {
      id: 'secret-415555013200', name: 'KEY_4155550132', environment: 'staging', value: 'sk-proj-abc...xyz', is_masked: true, version: 2, delivery: 'sealed', hosts: ['api.acme.test'],
      created_at: '2026-11-02T09:30:00.000Z', updated_at: '2026-11-02T09:30:00.000Z', deleted_at: null,
    } as const
    const other = all({ name: 'secret.changed', agentId: null, severity: 'INFO', message: '', payload: { secret: { ...secret, hosts: [...secret.hosts] } } })
    expect(other.payload).toEqual({ secret })
    const rotation = { secretId: secret.id, name: secret.name, version: 2, agents: [{ agentId: agent.id, outcome: 'applied' as const }] }
    expect(all({ name: 'secret.rotated', agentId: null, severity: 'INFO', message: '', payload: rotation }).payload).toEqual(rotation)
    const begun = { secretId: secret.id, name: secret.name, version: 2, agentIds: [agent.id] }
    expect(all({ name: 'secret.rotating', agentId: null, severity: 'DEBUG', message: '', payload: begun }).payload).toEqual(begun)
    const reached = { secretId: secret.id, name: secret.name, version: 2, outcome: 'applied' as const }
    expect(all({ name: 'secret.reachedAgent', agentId: agent.id, severity: 'DEBUG', message: '', payload: reached }).payload).toEqual(reached)
  })

  it('what is clean goes on as the very same object', () => {
    const payload = { call: sampleCall({ attempts: [sampleAttempt({ receipt: sampleReceipt() })] }) }
    const announcement: Announcement = { name: 'llm.callFinished', agentId: 'lg-7a3f9c2d', severity: 'INFO', message: 'gpt-4 answered.', payload }
    expect(redact(announcement)).toBe(announcement)
  })

  it('only the objects on the way to a private string are made anew', () => {
    const call = sampleCall({ attempts: [sampleAttempt(), sampleAttempt({ problem: `no ${SEED}` })] })
    const { payload } = redact({ name: 'llm.callFinished', agentId: call.agentId, severity: 'INFO', message: '', payload: { call } })
    expect(payload).toEqual({ call: { ...call, attempts: [call.attempts[0], { ...call.attempts[1], problem: `no ${MARKER}` }] } })
    expect((payload as { call: typeof call }).call.attempts[0]).toBe(call.attempts[0])
    expect(call.attempts[1]?.problem).toContain(SEED)
  })

  it('a unit stays as short as it has to be', () => {
    const long = createEventRedactor((text) => text.replaceAll('a@b.co', MARKER))
    const progress = { done: 1, total: null, unit: 'a@b.co a@b.co a@b.co a@b.co', failed: 0 }
    const { payload } = long({ name: 'agent.progressed', agentId: 'lg-7a3f9c2d', severity: 'INFO', message: '', payload: { progress } })
    expect(EVENT_PAYLOADS['agent.progressed'].safeParse(payload).success).toBe(true)
  })

  it('what cannot be redacted is withheld', () => {
    const broken = createEventRedactor(() => {
      throw new Error('invented: the scanner is down')
    })
    const announcement: Announcement = { name: 'log.written', agentId: null, severity: 'INFO', message: SEED, payload: { fields: { [SEED]: SEED } } }
    expect(broken(announcement)).toEqual({ ...announcement, message: WITHHELD, payload: { fields: { [WITHHELD]: WITHHELD } } })
  })
})
