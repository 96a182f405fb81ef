import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from './migrations/all.ts'
import type { KeptAnswer, ServiceAnswers, ServiceRepository } from './keptServices.ts'
import { openDatabase, type OpenDatabase } from './openDatabase.ts'
import { createServiceAnswers, createServiceRepository } from './serviceRepository.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const AGENT = 'sa-00000001'
let database: OpenDatabase
let repository: ServiceRepository
let answers: ServiceAnswers

beforeEach(() => {
  database = openDatabase({ dataFolder: folders.make(), migrations, now: 1, busyTimeoutMs: 0 })
  repository = createServiceRepository(database)
  answers = createServiceAnswers(database, 1_000)
})
afterEach(() => {
  database.fast.close()
  database.durable.close()
})

const answer = (question: string, keptAt: number, changes: Partial<KeptAnswer> = {}): KeptAnswer => ({
  owner: 'a script', service: 'linkedin', question, sealed: Buffer.alloc(100, question), keptAt, until: keptAt + 1_000, ...changes,
})
const kept = (questions: string, now: number, service = 'linkedin'): string =>
  [...questions].filter((question) => answers.get('a script', service, question, now) !== null).join('')

describe('breakers and destinations', () => {
  it('are kept each under its name, those of the room too, and go with their agent', async () => {
    const mine = { agentId: AGENT, service: 'linkedin', endpoint: '/people', breaker: { calls: 1 } }
    const ofRoom = { agentId: null, service: 'openai', endpoint: 'api.openai.com', breaker: { calls: 2 } }
    const destination = { agentId: AGENT, host: 'api.example.test:443', covered: 'none', calls: 1, firstAt: 1, lastAt: 1 } as const
    repository.save([mine, ofRoom], [destination])
    repository.save([{ ...mine, breaker: { calls: 3 } }], [{ ...destination, calls: 4 }])
    expect(await repository.breakers()).toEqual([ofRoom, { ...mine, breaker: { calls: 3 } }])
    expect(await repository.destinations()).toEqual([{ ...destination, calls: 4 }])
    repository.forgetAgent(AGENT)
    expect([await repository.breakers(), await repository.destinations()]).toEqual([[ofRoom], []])
  })
})

describe('answers', () => {
  it('are given back until their time is over', () => {
    answers.put(answer('a', 10), 5)
    expect(answers.get('a script', 'linkedin', 'a', 1_010)).toEqual({ sealed: Buffer.alloc(100, 'a'), keptAt: 10 })
    expect(answers.get('a script', 'linkedin', 'a', 1_011)).toBeNull()
    expect(answers.get('another', 'linkedin', 'a', 20)).toBeNull()
  })

  it('that were used last stay, of each service as many as it may have', () => {
    for (const [index, question] of [...'abc'].entries()) answers.put(answer(question, 10 + index), 3)
    answers.get('a script', 'linkedin', 'a', 20)
    answers.put(answer('d', 30), 3)
    answers.put(answer('x', 30, { service: 'clearbit' }), 3)
    expect([kept('abcd', 40), kept('x', 40, 'clearbit')]).toEqual(['acd', 'x'])
    answers.put(answer('e', 50), 1)
    expect(kept('abcde', 60)).toBe('e')
  })

  it('stay within their bytes in all, whosever they are', () => {
    for (let i = 0; i < 10; i++) answers.put(answer(String.fromCharCode(97 + i), i, { service: i % 2 === 0 ? 'linkedin' : 'clearbit' }), 100)
    answers.put(answer('k', 20, { sealed: Buffer.alloc(250) }), 100)
    expect(kept('acegik', 30) + kept('bdfhj', 30, 'clearbit')).toBe('egik' + 'dfhj')
  })

  it('make room for more than one when they go for the sake of their bytes', () => {
    answers = createServiceAnswers(database, 6_400)
    for (let i = 0; i < 65; i++) answers.put(answer(String.fromCharCode(200 + i), i), 100)
    const all = Array.from({ length: 65 }, (_, index) => String.fromCharCode(200 + index))
    expect(kept(all.join(''), 70)).toBe(all.slice(2).join(''))
  })

  it('are counted as they are after a restart too', () => {
    for (const [index, question] of [...'abc'].entries()) answers.put(answer(question, 10 + index), 3)
    answers = createServiceAnswers(database, 1_000)
    answers.remove('a script', 'linkedin', 'a')
    for (const [index, question] of [...'def'].entries()) answers.put(answer(question, 20 + index), 3)
    expect(kept('abcdef', 40)).toBe('def')
  })

  it('that nobody gets any more are forgotten, and their bytes are free', async () => {
    for (const question of 'abcdefghij') answers.put(answer(question, 10), 100)
    expect(await answers.forgetBefore(1_011)).toBe(10)
    for (const question of 'klmnopqrst') answers.put(answer(question, 2_000), 100)
    expect(kept('klmnopqrst', 2_001)).toBe('klmnopqrst')
  })
})
