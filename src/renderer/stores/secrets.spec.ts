import { describe, expect, it, vi } from 'vitest'
import type { SecretView } from '../../shared/domain/secret.ts'
import { AppError } from '../../shared/errors.ts'
import { saveText } from '../lib/saveText.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { sampleSecret, secretChanged, secretId, secretReached, secretRotated, secretRotating } from '../secrets/testSecrets.ts'
import { useNoticesStore } from './notices.ts'
import { inOrder, useSecretsStore } from './secrets.ts'
import { useUndoStore } from './undo.ts'

// There is no file to be had here; what would be in it is looked at.
vi.mock('../lib/saveText.ts', () => ({ saveText: vi.fn() }))

async function setUp({ kept = [sampleSecret()], deleted = [] as SecretView[] } = {}) {
  const room = createTestRoom()
  const lists = { kept, deleted, seq: 5 }
  room.answer('secret.list', ({ deleted: isDeleted }) => ({ secrets: isDeleted ? lists.deleted : lists.kept, seq: lists.seq }))
  const { use } = createTestApp(room)
  const store = use(useSecretsStore)
  await store.view.load()
  return { room, store, lists, undo: use(useUndoStore), notices: use(useNoticesStore) }
}

const named = (secrets: readonly SecretView[]): string[] => secrets.map(({ name, environment }) => `${name} ${environment}`)

describe('the secrets of the room', () => {
  it('begin with the list, and live on what changes', async () => {
    const { store } = await setUp()
    store.view.receive([secretChanged(6, sampleSecret({ id: secretId(2), name: 'CLEARBIT_KEY' })), secretChanged(7, sampleSecret({ version: 2, value: 'sk-proj-new...abc' }))])
    expect(store.view.seq()).toBe(7)
    expect(store.rows.map(({ name, value, version }) => [name, value, version])).toEqual([
      ['CLEARBIT_KEY', 'sk-proj-inv...xyz', 1],
      ['OPENAI_API_KEY', 'sk-proj-new...abc', 2],
    ])
  })

  it('take what is in the list already for seen', async () => {
    const { store } = await setUp({ kept: [sampleSecret({ version: 3 })] })
    store.view.receive([secretChanged(5, sampleSecret({ version: 2 }))])
    expect(store.rows[0]?.version).toBe(3)
  })

  it('are asked for anew when an event was missed', async () => {
    const { store, lists } = await setUp()
    lists.kept = []
    lists.seq = 9
    store.view.receive([secretChanged(9, sampleSecret())])
    await settle()
    expect(store.rows).toEqual([])
  })

  it('are shown by environment, and what is deleted apart', async () => {
    const gone = sampleSecret({ id: secretId(3), name: 'OLD_KEY', deleted_at: '2026-11-20T09:00:00.000Z' })
    const { store } = await setUp({ kept: [sampleSecret(), sampleSecret({ id: secretId(2), environment: 'staging' })], deleted: [gone] })
    expect(named(store.rows)).toEqual(['OPENAI_API_KEY production', 'OPENAI_API_KEY staging'])
    expect([store.count, store.deletedCount]).toEqual([2, 1])
    store.choose({ environment: 'staging', isDeleted: false })
    expect(named(store.rows)).toEqual(['OPENAI_API_KEY staging'])
    store.choose({ environment: null, isDeleted: true })
    expect(named(store.rows)).toEqual(['OLD_KEY production'])
    store.view.receive([secretChanged(6, { ...gone, deleted_at: null })])
    expect([store.rows.length, store.count, store.deletedCount]).toEqual([0, 3, 0])
  })

  it('stand in order: by name, then from production down', () => {
    const all = (['development', 'production', 'staging'] as const).map((environment) => sampleSecret({ environment }))
    expect(named(inOrder([...all, sampleSecret({ name: 'A_KEY' })]))).toEqual(['A_KEY production', 'OPENAI_API_KEY production', 'OPENAI_API_KEY staging', 'OPENAI_API_KEY development'])
  })

  it('remember how running agents took the last change', async () => {
    const { store } = await setUp()
    store.view.receive([secretRotated(6, { agents: [{ agentId: 'lg-7a3f9c2d', outcome: 'told' }] }), secretRotated(7, { version: 3, agents: [{ agentId: 'lg-7a3f9c2d', outcome: 'applied' }] })])
    expect(store.rotations.get(secretId(1))).toEqual({ at: 7, version: 3, agents: [{ agentId: 'lg-7a3f9c2d', outcome: 'applied' }] })
  })

  it('follow a rotation from agent to agent; what comes of an earlier one changes nothing', async () => {
    const { store } = await setUp()
    store.view.receive([secretRotating(6, ['lg-7a3f9c2d', 'mt-9c0d11fe'], 3), secretReached(7, 'mt-9c0d11fe', 'swapped', 3), secretReached(8, 'lg-7a3f9c2d', 'told', 2)])
    expect(store.rotations.get(secretId(1))).toEqual({ at: 6, version: 3, agents: [{ agentId: 'lg-7a3f9c2d', outcome: null }, { agentId: 'mt-9c0d11fe', outcome: 'swapped' }] })
  })

  it('save their audit as a file, all of it or one secret’s', async () => {
    const { room, store } = await setUp()
    room.answer('secret.auditCsv', () => 'id,secret_name')
    room.answer('secret.auditJsonLines', () => '{}')
    await store.exportAudit('csv', null)
    expect(saveText).toHaveBeenLastCalledWith('secrets-audit.csv', 'text/csv;charset=utf-8', 'id,secret_name')
    await store.exportAudit('jsonl', 'OPENAI_API_KEY')
    expect(saveText).toHaveBeenLastCalledWith('secrets-audit.jsonl', 'application/x-ndjson;charset=utf-8', '{}')
    expect([room.asked('secret.auditCsv'), room.asked('secret.auditJsonLines')]).toEqual([[{}], [{ secret_name: 'OPENAI_API_KEY' }]])
  })

  it('hand a value over and keep nothing of it', async () => {
    const { room, store } = await setUp()
    room.answer('secret.get', () => sampleSecret({ value: 'sk-proj-invented', is_masked: false }))
    expect(await store.reveal(secretId(1))).toBe('sk-proj-invented')
    expect(room.asked('secret.get')).toEqual([{ secretId: secretId(1), reveal: true }])
    expect(JSON.stringify([store.$state, [...store.secrets.values()]])).not.toContain('sk-proj-invented')
  })

  it.each([
    ['env', 'staging.env', 'text/plain;charset=utf-8'],
    ['kv2', 'staging.json', 'application/json;charset=utf-8'],
  ] as const)('go into a file of their own as %s', async (format, name, type) => {
    const { room, store } = await setUp()
    room.answer('secret.export', () => ({ text: 'A=b' }))
    await store.exportAll({ environment: 'staging', format, reason: 'moving' })
    expect(saveText).toHaveBeenLastCalledWith(name, type, 'A=b')
  })

  it('offer to take a deletion back', async () => {
    const { room, store, undo } = await setUp()
    room.answer('secret.delete', () => ({}))
    room.answer('secret.restore', () => sampleSecret())
    await store.remove(secretId(1))
    expect(undo.offered?.sentence).toBe(`${sampleSecret().name} was deleted.`)
    await undo.undo()
    expect(room.asked('secret.restore')).toEqual([{ secretId: secretId(1) }])
  })

  it('say why one is not restored', async () => {
    const { room, store, notices } = await setUp()
    room.answer('secret.restore', () => {
      throw new AppError('CONFLICT', 'There is another one of that name by now.')
    })
    await Promise.all([store.restore(secretId(1)), store.restore(secretId(1))])
    expect(room.asked('secret.restore')).toHaveLength(1)
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['There is another one of that name by now.'])
    expect(store.restoring.size).toBe(0)
  })
})
