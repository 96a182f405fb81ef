import { beforeEach, describe, expect, it } from 'vitest'
import type { Agent, LaunchPlan } from '../../../shared/domain/agent.ts'
import type { Announcement } from '../../../shared/domain/event.ts'
import { sampleAgent, samplePlan } from '../../../shared/domain/testAgents.ts'
import type { RunSecrets } from '../runSecrets.ts'
import { createRunSecrets, type CurrentSecret } from './createRunSecrets.ts'

const ID = 'secret-000000000001'
const AGENT = 'lg-7a3f9c2d'
const HOST = 'api.openai.com'
const OLD = 'sk-proj-invented-old-0123456789'
const NEW = 'sk-proj-invented-new-0123456789'

let kept: CurrentSecret[]
let answer: 'applied' | 'told' | 'unreachable'
let told: [string, number][]
let reads: string[][]
let rolledBack: [string, number][]
let announced: Announcement[]
let announce: () => Promise<unknown>
let onOpen: () => Promise<unknown>
let runs: RunSecrets
const defects: unknown[] = []
const known = new Set<string>()

const secret = (changes: Partial<CurrentSecret> = {}): CurrentSecret => ({ id: ID, name: 'OPENAI_API_KEY', value: OLD, version: 1, delivery: 'value', hosts: [], ...changes })
const agentOf = (changes: Partial<LaunchPlan> = {}): Agent => sampleAgent({ plan: samplePlan(changes) })

async function rotated(changes: Partial<CurrentSecret> = {}) {
  const before = kept.find(({ id }) => id === (changes.id ?? ID)) as CurrentSecret
  const next = { ...before, value: NEW, version: before.version + 1, ...changes }
  kept = kept.map((one) => (one.id === next.id ? next : one))
  return runs.rotate({ id: next.id, name: next.name, environment: 'development', version: next.version })
}

beforeEach(() => {
  kept = [secret()]
  answer = 'unreachable'
  ;[told, reads, rolledBack] = [[], [], []]
  announced = []
  announce = async () => undefined
  known.clear()
  defects.length = 0
  onOpen = async () => undefined
  runs = createRunSecrets({
    source: {
      async open(_agent, names) {
        const now = kept.filter(({ name }) => names === null || names.includes(name))
        await onOpen()
        return now
      },
      noteRead: async (_agent, names) => void reads.push([...names]),
      rollBack: async (id, version) => void rolledBack.push([id, version]),
    },
    bridge: () => ({ tellOfSecrets: async (agentId, generation) => (told.push([agentId, generation]), answer) }),
    announce: async (announcement) => (announced.push(announcement), announce()),
    know: (values) => values.forEach((value) => known.add(value)),
    onValues: () => undefined,
    onDefect: (defect) => void defects.push(defect),
  })
})

describe('a run', () => {
  it('gets what the store has for it, less what its launch names itself', async () => {
    kept.push(secret({ id: 'secret-000000000002', name: 'OTHER_KEY', value: 'other-invented' }))
    expect(await runs.inject(agentOf({ variables: { OTHER_KEY: 'own' } }))).toEqual({ OPENAI_API_KEY: OLD })
    expect(runs.valuesOf(AGENT)).toEqual([OLD])
    expect(known).toEqual(new Set([OLD]))
  })

  it('gets secrets that are called like something of JavaScript', async () => {
    kept = ['constructor', 'toString', 'valueOf'].map((name, index) => secret({ id: `secret-00000000001${index}`, name, value: `invented-value-${index}` }))
    expect(await runs.inject(agentOf({ secrets: ['constructor', 'toString', 'valueOf'] }))).toEqual({ constructor: 'invented-value-0', toString: 'invented-value-1', valueOf: 'invented-value-2' })
  })

  it('does not start where its secrets cannot be opened', async () => {
    onOpen = () => Promise.reject(new Error('invented'))
    await expect(runs.inject(agentOf())).rejects.toThrow('invented')
    expect(runs.valuesOf(AGENT)).toEqual([])
  })

  it('gets what was changed while its secrets were opened', async () => {
    let isFirst = true
    onOpen = async () => {
      if (isFirst) {
        isFirst = false
        await rotated()
      }
    }
    expect(await runs.inject(agentOf())).toEqual({ OPENAI_API_KEY: NEW })
  })

  it('is forgotten when it is over', async () => {
    await runs.inject(agentOf())
    runs.forget(AGENT)
    expect([runs.valuesOf(AGENT), runs.currentOf(AGENT, OLD, HOST), await rotated()]).toEqual([[], null, []])
  })

  it('reads what it has, and that is written down', async () => {
    await runs.inject(agentOf())
    await rotated()
    expect(await runs.forAgent(AGENT)).toEqual({ secrets: { OPENAI_API_KEY: NEW }, generation: 1 })
    expect(reads).toEqual([['OPENAI_API_KEY']])
  })
})

describe('a superseded value', () => {
  beforeEach(async () => {
    await runs.inject(agentOf())
  })

  it('stands for the current one, and stays private', async () => {
    expect(runs.currentOf(AGENT, OLD, HOST)).toBeNull()
    await rotated()
    await rotated({ value: 'sk-proj-invented-third-0123456789' })
    for (const value of [OLD, NEW]) expect(runs.currentOf(AGENT, value, HOST)).toBe('sk-proj-invented-third-0123456789')
    expect(runs.currentOf(AGENT, 'sk-proj-invented-third-0123456789', HOST)).toBeNull()
    expect(runs.currentOf(AGENT, 'something else', HOST)).toBeNull()
    expect(new Set(runs.valuesOf(AGENT))).toEqual(new Set([OLD, NEW, 'sk-proj-invented-third-0123456789']))
  })

  it('that becomes current again stands for nothing', async () => {
    await rotated()
    await rotated({ value: OLD })
    expect(runs.currentOf(AGENT, OLD, HOST)).toBeNull()
    expect(runs.currentOf(AGENT, NEW, HOST)).toBe(OLD)
  })

  it('is exchanged for the hosts that its secret is bound to only', async () => {
    await rotated({ hosts: ['api.openai.com', '*.invented.test', '127.0.0.1:4000'] })
    const allowed = ['api.openai.com', 'API.openai.com', 'api.openai.com:8443', 'a.invented.test', '127.0.0.1:4000']
    const other = ['api.openai.com.evil.test', 'evil-api.openai.com', 'invented.test', 'evilinvented.test', '127.0.0.1:4001', '127.0.0.1']
    expect(allowed.map((host) => runs.currentOf(AGENT, OLD, host))).toEqual(allowed.map(() => NEW))
    expect(other.map((host) => runs.currentOf(AGENT, OLD, host))).toEqual(other.map(() => null))
  })

  it('that another secret has as its own is left alone', async () => {
    kept.push(secret({ id: 'secret-000000000002', name: 'OTHER_KEY' }))
    await runs.inject(agentOf())
    await rotated()
    expect(runs.currentOf(AGENT, OLD, HOST)).toBeNull()
  })
})

describe('a rotation', () => {
  const OTHER = 'mt-9c0d11fe'
  beforeEach(async () => {
    await runs.inject(agentOf())
    await runs.inject({ ...agentOf({ name: 'mail_triage.mjs', sealSecrets: true }), id: OTHER })
  })

  it('is told from its beginning, agent by agent, to its end', async () => {
    answer = 'applied'
    await rotated()
    const what = { secretId: ID, name: 'OPENAI_API_KEY', version: 2 }
    expect(announced.map(({ name, agentId, payload }) => [name, agentId, payload])).toEqual([
      ['secret.rotating', null, { ...what, agentIds: [AGENT, OTHER] }],
      ['secret.reachedAgent', OTHER, { ...what, outcome: 'swapped' }],
      ['secret.reachedAgent', AGENT, { ...what, outcome: 'applied' }],
      ['secret.rotated', null, { ...what, agents: [{ agentId: AGENT, outcome: 'applied' }, { agentId: OTHER, outcome: 'swapped' }] }],
    ])
    expect(announced.map(({ message }) => message).slice(0, 2)).toEqual(['OPENAI_API_KEY (development) goes to 2 running agents.', 'mail_triage.mjs gets the gateway to put in the new value of OPENAI_API_KEY.'])
  })

  it('that nobody could be told of goes on all the same', async () => {
    let times = 0
    announce = async () => {
      if (++times < 4) throw new Error('invented')
    }
    expect(await rotated()).toHaveLength(2)
    expect([runs.valuesOf(AGENT).includes(NEW), defects.length]).toEqual([true, 3])
  })

  it('of what no running agent has is told by nobody', async () => {
    runs.forget(AGENT)
    runs.forget(OTHER)
    await rotated()
    expect(announced).toEqual([])
  })
})

describe('how an agent takes a rotation', () => {
  it.each([
    ['applied', {}, 'applied'],
    ['told', {}, 'told'],
    ['unreachable', {}, 'swapped'],
    ['unreachable', { name: 'DATABASE_PASSWORD' }, 'at-restart'],
    ['unreachable', { name: 'INVENTED_KEY', hosts: ['api.invented.test'] }, 'swapped'],
  ] as const)('%s %j: %s', async (given, changes, outcome) => {
    kept = [secret(changes)]
    answer = given
    await runs.inject(agentOf())
    expect(await rotated()).toEqual([{ agentId: AGENT, outcome }])
    expect(told).toEqual([[AGENT, 1]])
  })

  it('is told of by what it was, where the store fails', async () => {
    await runs.inject(agentOf())
    onOpen = () => Promise.reject(new Error('invented'))
    expect(await rotated()).toEqual([{ agentId: AGENT, outcome: 'at-restart' }])
    expect(defects).toHaveLength(1)
  })
})

describe('a sealed secret', () => {
  it.each([
    ['by itself', { delivery: 'sealed', hosts: [HOST] }, {}],
    ['by its run', {}, { sealSecrets: true }],
  ] as const)('is a placeholder that looks like it, for one run: %s', async (_what, changes, plan) => {
    kept = [secret(changes as Partial<CurrentSecret>)]
    const first = (await runs.inject(agentOf(plan)))['OPENAI_API_KEY'] as string
    const second = (await runs.inject(agentOf(plan)))['OPENAI_API_KEY'] as string
    expect(second).toMatch(/^sk-proj-[A-Za-z0-9]{24}$/)
    expect(second).not.toBe(first)
    expect(runs.currentOf(AGENT, second, HOST)).toBe(OLD)
    expect([runs.currentOf(AGENT, first, HOST), runs.currentOf(AGENT, second, 'evil.test'), runs.currentOf(AGENT, OLD, HOST)]).toEqual([null, null, null])
    expect(await rotated()).toEqual([{ agentId: AGENT, outcome: 'swapped' }])
    expect(runs.currentOf(AGENT, second, HOST)).toBe(NEW)
    expect(told).toEqual([])
    expect((await runs.forAgent(AGENT)).secrets).toEqual({ OPENAI_API_KEY: second })
  })
})

describe('a secret that is deleted under a run', () => {
  it('is put in for nobody any more, with a sentence, until the deletion is taken back', async () => {
    kept = [secret({ delivery: 'sealed', hosts: [HOST] }), secret({ id: 'secret-000000000002', name: 'OTHER_KEY', value: 'other-invented-value', delivery: 'sealed', hosts: [HOST] })]
    const { OPENAI_API_KEY: placeholder = '', OTHER_KEY: other = '' } = await runs.inject(agentOf())
    expect([runs.currentOf(AGENT, placeholder, HOST), runs.refusalOf(AGENT, placeholder)]).toEqual([OLD, null])
    runs.withdraw(ID)
    expect(runs.currentOf(AGENT, placeholder, HOST)).toBeNull()
    expect(runs.refusalOf(AGENT, placeholder)).toBe('The secret OPENAI_API_KEY was deleted, and its placeholder stands for nothing any more: restore it, or start the agent again with another.')
    expect([runs.currentOf(AGENT, other, HOST), runs.refusalOf(AGENT, other), runs.refusalOf(AGENT, 'sk-of-its-own'), runs.refusalOf('ot-00000001', placeholder)]).toEqual(['other-invented-value', null, null, null])
    expect((await runs.forAgent(AGENT)).secrets).toEqual({ OTHER_KEY: other })
    expect(reads).toEqual([['OTHER_KEY']])
    // It stays private.
    expect(runs.valuesOf(AGENT)).toContain(OLD)
    runs.giveBack(ID)
    expect([runs.currentOf(AGENT, placeholder, HOST), runs.refusalOf(AGENT, placeholder)]).toEqual([OLD, null])
  })

  it('stays with an agent that has the value itself; what it superseded is exchanged no longer', async () => {
    await runs.inject(agentOf())
    await rotated()
    runs.withdraw(ID)
    expect([runs.currentOf(AGENT, OLD, HOST), runs.refusalOf(AGENT, OLD), runs.refusalOf(AGENT, NEW)]).toEqual([null, null, null])
    expect((await runs.forAgent(AGENT)).secrets).toEqual({})
  })
})

describe('a key that is refused', () => {
  const call = (used: string, status = 401) => ({ sent: OLD, used, host: HOST, status })

  it('is tried no more where it is the current one, and once more where it was superseded meanwhile', async () => {
    await runs.inject(agentOf())
    expect(runs.answered(AGENT, call(OLD))).toBe(false)
    await rotated()
    expect([runs.answered(AGENT, call(OLD)), runs.answered(AGENT, call(NEW)), runs.answered(AGENT, call(OLD, 500))]).toEqual([true, false, false])
    expect(rolledBack).toEqual([])
  })

  it('gives way to the former one, where it was tried before and has never come through', async () => {
    await runs.inject(agentOf())
    runs.noteProbed(ID, NEW)
    await rotated()
    expect(runs.currentOf(AGENT, OLD, HOST)).toBe(NEW)
    expect(runs.answered(AGENT, call(NEW))).toBe(true)
    expect([runs.currentOf(AGENT, OLD, HOST), runs.currentOf(AGENT, NEW, HOST)]).toEqual([null, OLD])
    // Others that were under way with it.
    expect(runs.answered(AGENT, call(NEW))).toBe(true)
    expect(rolledBack).toEqual([[ID, 1]])
  })

  it('stays once it has come through', async () => {
    await runs.inject(agentOf())
    runs.noteProbed(ID, NEW)
    await rotated()
    expect([runs.answered(AGENT, call(NEW, 200)), runs.answered(AGENT, call(NEW))]).toEqual([false, false])
    expect(rolledBack).toEqual([])
  })

  it('is not what another value was tried as', async () => {
    await runs.inject(agentOf())
    runs.noteProbed(ID, 'another')
    await rotated()
    expect(runs.answered(AGENT, call(NEW))).toBe(false)
  })
})
