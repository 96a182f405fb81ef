// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SecretView } from '../../shared/domain/secret.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { SHOWN_FOR_MS } from '../lib/fleeting.ts'
import { roomConnectionKey } from '../room/connection.ts'
import { all, button, nameOf, press, see, text, type } from '../room/testPage.ts'
import { createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from '../stores/agents.ts'
import { useKeysStore, type KeyStatus } from '../stores/keys.ts'
import { useSecretsStore } from '../stores/secrets.ts'
import { useStageStore, type StageStatus } from '../stores/stage.ts'
import SecretsRoom from './SecretsRoom.vue'
import { sampleEntry, sampleKeys, sampleSecret, sampleStage, secretChanged, secretId, secretReached, secretRotated, secretRotating, stageChanged } from './testSecrets.ts'

const VALUE = 'sk-proj-invented-whole-value'
const LEAD = sampleAgent()

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  document.body.innerHTML = ''
  vi.useRealTimers()
})

interface Opening {
  readonly kept?: SecretView[]
  readonly deleted?: SecretView[]
  readonly canAct?: boolean
  readonly place?: 'room' | 'large' | 'small'
  readonly hasPassword?: boolean
  readonly key?: Partial<KeyStatus>
  readonly lock?: Partial<StageStatus>
}

async function open({ kept = [sampleSecret()], deleted = [], canAct = true, place = 'room', hasPassword = true, key = {}, lock = {} }: Opening = {}) {
  const room = createTestRoom()
  room.answer('agent.list', () => ({ agents: [LEAD], seq: 5 }))
  room.answer('secret.list', (query) => ({ secrets: query.deleted ? deleted : kept, seq: 5 }))
  room.answer('secret.get', () => sampleSecret({ value: VALUE, is_masked: false }))
  room.answer('secret.versions', () => ({ versions: [] }))
  room.answer('keys.status', () => sampleKeys(key))
  room.answer('stage.status', () => sampleStage(lock))
  const pinia = createPinia()
  setActivePinia(pinia)
  wrapper = mount(SecretsRoom, {
    attachTo: document.body,
    props: { now: Date.now(), canAct, isConnected: true, place, hasPassword, environment: null },
    global: { plugins: [pinia], provide: { [roomConnectionKey as symbol]: room.connection } },
  })
  const secrets = useSecretsStore()
  await Promise.all([useAgentsStore().view.load(), secrets.view.load(), useKeysStore().view.load(), useStageStore().view.load()])
  await settle()
  await nextTick()
  return { room, secrets, stage: useStageStore() }
}


const submit = async (): Promise<void> => {
  document.querySelector('[role="dialog"] form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await settle()
  await nextTick()
}

describe('the secrets, as they are shown', () => {
  it.each(['room', 'large', 'small'] as const)('masked, with name, environment and times; place: %s', async (place) => {
    const { secrets } = await open({ place, kept: [sampleSecret({ delivery: 'sealed', hosts: ['api.openai.com'] })] })
    for (const words of ['OPENAI_API_KEY', 'Production', 'sk-proj-inv...xyz', 'Sealed', 'api.openai.com', '2026-11-20']) expect(text()).toContain(words)
    secrets.view.receive([secretChanged(6, sampleSecret({ id: secretId(2), name: 'CLEARBIT_KEY', environment: 'staging' }))])
    await see('CLEARBIT_KEY')
    await type('select', 'staging')
    expect(text()).not.toContain('OPENAI_API_KEY')
  })

  it('teach what they are for while there is none', async () => {
    await open({ kept: [] })
    expect(text()).toContain('No secrets yet.')
  })

  it('offer a viewer nothing that a viewer may not do', async () => {
    await open({ canAct: false, deleted: [sampleSecret({ id: secretId(2), deleted_at: '2026-11-20T09:00:00.000Z' })], lock: { canUnlock: false } })
    expect(all('button').map(nameOf)).toEqual(['Back to the agents', 'All secrets', 'Audit', 'Deleted 1', 'More of OPENAI_API_KEY (production)'])
    await press('Deleted 1')
    expect(button('Restore OPENAI_API_KEY (production)')).toBeUndefined()
  })
})

describe('many secrets', () => {
  const many = Array.from({ length: 250 }, (_, place) => sampleSecret({ id: secretId(place + 1), name: `KEY_${String(place).padStart(3, '0')}` }))
  const rows = (): number => all('tbody tr').length

  it('are shown a hundred at a time', async () => {
    await open({ kept: many })
    expect([rows(), text().includes('100 secrets of 250 shown.')]).toEqual([100, true])
    await press('Show more')
    await press('Show more')
    expect([rows(), button('Show more')]).toEqual([250, undefined])
  })

  it('are found by name, and again a hundred at a time', async () => {
    await open({ kept: many.slice(0, 101) })
    await press('Show more')
    expect(rows()).toBe(101)
    await type('[aria-label="Find a secret by its name"]', ' key_02')
    await expect.poll(rows).toBe(10)
    await type('[aria-label="Find a secret by its name"]', 'nothing')
    await see('No name here has that in it.')
    await type('[aria-label="Find a secret by its name"]', '')
    await expect.poll(rows).toBe(100)
  })

  it('a few are not searched', async () => {
    await open()
    expect(all('[aria-label="Find a secret by its name"]')).toHaveLength(0)
  })
})

describe('a revealed value', () => {
  it('is shown, and goes after half a minute', async () => {
    const { room } = await open()
    vi.useFakeTimers()
    button('Reveal OPENAI_API_KEY (production)')?.click()
    await vi.advanceTimersByTimeAsync(0)
    expect(text()).toContain(VALUE)
    expect(room.asked('secret.get')).toEqual([{ secretId: secretId(1), reveal: true }])
    await vi.advanceTimersByTimeAsync(SHOWN_FOR_MS - 1)
    expect(text()).toContain(VALUE)
    await vi.advanceTimersByTimeAsync(1)
    expect(document.body.innerHTML).not.toContain(VALUE)
  })

  it('goes when the window is left, and is not shown where it comes later than that', async () => {
    const { room } = await open()
    await press('Reveal OPENAI_API_KEY (production)')
    await see(VALUE)
    window.dispatchEvent(new Event('blur'))
    await expect.poll(() => document.body.innerHTML).not.toContain(VALUE)
    let finish: () => void = () => {}
    room.answer('secret.get', () => new Promise((resolve) => (finish = () => resolve(sampleSecret({ value: VALUE })))))
    await press('Reveal OPENAI_API_KEY (production)')
    window.dispatchEvent(new Event('blur'))
    finish()
    await settle()
    await nextTick()
    expect(document.body.innerHTML).not.toContain(VALUE)
    expect(button('Reveal OPENAI_API_KEY (production)')?.disabled).toBe(false)
  })

  it('goes when there is another one, and when the stage is locked', async () => {
    const { secrets, stage } = await open()
    await press('Reveal OPENAI_API_KEY (production)')
    await see(VALUE)
    secrets.view.receive([secretChanged(6, sampleSecret({ version: 2 }))])
    await expect.poll(() => document.body.innerHTML).not.toContain(VALUE)
    await press('Reveal OPENAI_API_KEY (production)')
    await see(VALUE)
    stage.view.receive([stageChanged(7, { locked: true, lockedBy: 'ada', lockedAt: 1_000 })])
    await expect.poll(() => document.body.innerHTML).not.toContain(VALUE)
  })

  it('that is refused is refused in the room’s own sentence', async () => {
    const { room } = await open()
    room.answer('secret.get', () => {
      throw new AppError('UNAVAILABLE', 'The audit cannot be written, so nothing is shown.')
    })
    await press('Reveal OPENAI_API_KEY (production)')
    await see('The audit cannot be written, so nothing is shown.')
  })
})

describe('what is done with a secret', () => {
  it('is added, with its hosts where it is sealed', async () => {
    const { room } = await open({ kept: [] })
    room.answer('secret.create', () => sampleSecret())
    await press('Add')
    await type('#secret-name', 'OPENAI_API_KEY')
    await type('#secret-value', `${VALUE}\n`)
    all<HTMLInputElement>('input[type="radio"][value="sealed"]')[0]?.click()
    await nextTick()
    expect(button('Add')?.disabled).toBe(true)
    await type('#secret-hosts', 'api.openai.com')
    await submit()
    expect(room.asked('secret.create')).toEqual([{ name: 'OPENAI_API_KEY', value: VALUE, environment: 'production', delivery: 'sealed', hosts: ['api.openai.com'] }])
    await expect.poll(() => all('[role="dialog"]')).toHaveLength(0)
  })

  it('stays in its form where the room says no', async () => {
    const { room } = await open()
    room.answer('secret.create', () => {
      throw new AppError('CONFLICT', 'There is a secret OPENAI_API_KEY in production already.')
    })
    await press('Add')
    await type('#secret-name', 'OPENAI_API_KEY')
    await type('#secret-value', VALUE)
    await submit()
    await see('There is a secret OPENAI_API_KEY in production already.')
    await type('#secret-name', 'OTHER_KEY')
    expect(text()).not.toContain('There is a secret')
  })

  it('is given another value, and it says how each running agent took it', async () => {
    const { room } = await open()
    room.answer('secret.update', () => ({ ...sampleSecret(), version: 2, agents: [{ agentId: LEAD.id, outcome: 'applied' }] }))
    await press('Edit OPENAI_API_KEY (production)')
    expect(document.body.innerHTML).not.toContain(VALUE)
    await type('#secret-new-value', 'sk-proj-another')
    await submit()
    expect(room.asked('secret.update')).toEqual([{ secretId: secretId(1), value: 'sk-proj-another', probe: false }])
    await see('Version 2. 1 running agent had it.')
    expect(text()).toContain(`${LEAD.plan.name} Has it`)
    expect(document.body.innerHTML).not.toContain('sk-proj-another')
  })

  it('is on its way from agent to agent, and that is seen while it is', async () => {
    const { room, secrets } = await open()
    const answer = Promise.withResolvers<never>()
    room.answer('secret.update', () => answer.promise)
    await press('Edit OPENAI_API_KEY (production)')
    await type('#secret-new-value', 'sk-proj-another')
    await submit()
    secrets.view.receive([secretRotating(6, [LEAD.id, 'mt-9c0d11fe'])])
    await see('0 of 2 running agents reached')
    expect(text()).toContain(`${LEAD.plan.name} On its way`)
    secrets.view.receive([secretReached(7, LEAD.id, 'applied')])
    await see('1 of 2 running agents reached')
    expect(text()).toContain(`${LEAD.plan.name} Has it`)
    expect(document.querySelector('[role="progressbar"]')?.getAttribute('aria-valuenow')).toBe('1')
  })

  it('is begun with as it is, for as long as it may be seen', async () => {
    await open()
    await press('Edit OPENAI_API_KEY (production)')
    await press('Reveal')
    await press('Begin with it')
    const field = document.querySelector<HTMLTextAreaElement>('#secret-new-value')
    expect(field?.value).toBe(VALUE)
    window.dispatchEvent(new Event('blur'))
    await nextTick()
    expect([field?.value, document.body.innerHTML.includes(VALUE)]).toEqual(['', false])
  })

  it('is deleted once its name is typed, and restored', async () => {
    const { room, secrets } = await open()
    room.answer('secret.delete', () => ({}))
    room.answer('secret.restore', () => sampleSecret())
    await press('Delete OPENAI_API_KEY (production)')
    await submit()
    expect(room.asked('secret.delete')).toEqual([])
    await type('#secret-delete-name', 'OPENAI_API_KEY')
    await submit()
    expect(room.asked('secret.delete')).toEqual([{ secretId: secretId(1) }])
    secrets.view.receive([secretChanged(6, sampleSecret({ deleted_at: '2026-11-20T09:00:00.000Z' }))])
    await nextTick()
    await press('Deleted 1')
    await press('Restore OPENAI_API_KEY (production)')
    expect(room.asked('secret.restore')).toEqual([{ secretId: secretId(1) }])
  })

  it('is rolled back to an earlier version, once asked about', async () => {
    const { room, secrets } = await open({ kept: [sampleSecret({ version: 2 })] })
    const version = (place: number) => ({ version: place, created_at: '2026-11-20T08:00:00.000Z', actor: 'ada', is_current: place === 2 })
    room.answer('secret.versions', () => ({ versions: [version(1), version(2)] }))
    room.answer('secret.rollback', () => ({ ...sampleSecret(), version: 3 }))
    secrets.view.receive([secretRotated(6, { agents: [{ agentId: LEAD.id, outcome: 'at-restart' }] })])
    button('More of OPENAI_API_KEY (production)')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    await expect.poll(() => all('[role="menuitem"]').length).toBe(2)
    all('[role="menuitem"]')[0]?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    await see('Rotation to version 2')
    expect(text()).toContain('At its next start')
    await press('Roll back to version 1')
    await see('Roll OPENAI_API_KEY back to version 1?')
    await press('Roll back')
    expect(room.asked('secret.rollback')).toEqual([{ secretId: secretId(1), version: 1 }])
  })

  it('stands in the audit, newest first, and older on request', async () => {
    const { room, secrets } = await open()
    room.answer('secret.audit', ({ before }) =>
      before === undefined
        ? { entries: [sampleEntry({ id: 9, operation: 'DENY', success: false, error_message: 'A viewer sees secrets masked.', requester: 'grace', requester_role: 'viewer' })], next: 9 }
        : { entries: [sampleEntry()], next: null },
    )
    all('[role="tab"]').find((one) => nameOf(one) === 'Audit')?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 }))
    await see('grace, viewer: A viewer sees secrets masked.')
    await press('Load older')
    expect(all('[aria-label="Audit, newest first"] li').map((line) => line.textContent?.replace(/\s+/g, ' ').trim().split(' ')[0])).toEqual(['Refused,', 'Added'])
    secrets.view.receive([secretChanged(6, sampleSecret())])
    await expect.poll(() => room.asked('secret.audit').length).toBe(3)
    const chosen = document.querySelector<HTMLSelectElement>('select[aria-label="Secret"]')
    if (chosen) chosen.value = 'OPENAI_API_KEY'
    chosen?.dispatchEvent(new Event('change', { bubbles: true }))
    await expect.poll(() => room.asked('secret.audit').at(-1)).toEqual({ secret_name: 'OPENAI_API_KEY', limit: 100 })
    expect(button('CSV of the audit')).toBeDefined()
  })

  it('stands in the audit when it happens while that is being asked for', async () => {
    const { room, secrets } = await open({ place: 'large' })
    const answers: (() => void)[] = []
    const answer = (operation: 'CREATE' | 'UPDATE'): Promise<{ entries: ReturnType<typeof sampleEntry>[]; next: null }> =>
      new Promise((resolve) => answers.push(() => resolve({ entries: [sampleEntry({ operation })], next: null })))
    room.answer('secret.audit', () => answer(answers.length === 0 ? 'CREATE' : 'UPDATE'))
    all('[role="tab"]').find((one) => nameOf(one) === 'Audit')?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 }))
    await expect.poll(() => answers.length).toBe(1)
    secrets.view.receive([secretChanged(6, sampleSecret({ version: 2 }))])
    await nextTick()
    answers[0]?.()
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.()
    await see('New value')
  })

  it('stands in the audit for a viewer too, who takes no file of it', async () => {
    const { room } = await open({ canAct: false, place: 'large' })
    room.answer('secret.audit', () => ({ entries: [sampleEntry()], next: null }))
    all('[role="tab"]').find((one) => nameOf(one) === 'Audit')?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 }))
    await see('ada, admin')
    expect(all('button').map(nameOf)).toEqual(['All secrets', 'Audit'])
  })

  it('stands in the audit, which is a dialog where there is little room', async () => {
    const { room } = await open({ place: 'small' })
    room.answer('secret.audit', () => ({ entries: [sampleEntry()], next: null }))
    await press('Audit')
    await see('Audit of secrets')
    await see('ada, admin')
  })
})

describe('all secrets of an environment', () => {
  const choose = async (item: string): Promise<void> => {
    button('Import and export')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    await expect.poll(() => all('[role="menuitem"]').length).toBe(2)
    all('[role="menuitem"]').find((one) => one.textContent?.includes(item))?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  }

  it('come from a file, and it says which', async () => {
    const { room } = await open()
    room.answer('secret.import', () => ({ created: ['A_KEY'], updated: [], kept: ['OPENAI_API_KEY'] }))
    await choose('Import')
    await type('#import-text', 'A_KEY=invented')
    await type('#import-environment', 'staging')
    await submit()
    await see('Left as they were')
    expect(text()).toContain('Staging: 1 secret taken.')
    expect(room.asked('secret.import')).toEqual([{ environment: 'staging', format: 'env', text: 'A_KEY=invented', overwrite: false }])
    expect(document.body.innerHTML).not.toContain('A_KEY=invented')
  })

  it('come from a file that can be read, and is no larger than such files are', async () => {
    await open()
    await choose('Import')
    await see('Import secrets')
    const field = document.querySelector<HTMLInputElement>('input[type="file"]')
    const give = (file: object): void => {
      Object.defineProperty(field, 'files', { configurable: true, value: [file] })
      field?.dispatchEvent(new Event('change'))
    }
    give({ name: 'gone.env', size: 12, text: () => Promise.reject(new DOMException('The requested file could not be read.', 'NotReadableError')) })
    await see('gone.env cannot be read: it has gone, or you may not read it. Choose another file.')
    give({ name: 'film.env', size: 4_000_000_000, text: () => Promise.reject(new Error('Nobody looks into it.')) })
    await see('film.env has 4.0 GB. Secrets come from files of at most 8.0 MB.')
    give({ name: 'own.env', size: 12, text: () => Promise.resolve('A_KEY=given') })
    await expect.poll(() => document.querySelector<HTMLTextAreaElement>('#import-text')?.value).toBe('A_KEY=given')
    expect(text()).not.toContain('film.env')
  })

  it.each([true, false])('go out for a reason, and with the password of whoever has one: %s', async (hasPassword) => {
    const { room } = await open({ hasPassword })
    room.answer('secret.export', () => {
      throw new AppError('FORBIDDEN', 'That is not your password; nothing was exported.')
    })
    await choose('Export')
    await submit()
    await type('#export-reason', 'Moving on')
    if (hasPassword) {
      await submit()
      await type('#export-password', 'an invented password')
    } else expect(document.querySelector('#export-password')).toBeNull()
    expect(room.asked('secret.export')).toEqual([])
    await submit()
    await see('That is not your password; nothing was exported.')
    expect(room.asked('secret.export')).toEqual([{ environment: 'production', format: 'env', reason: 'Moving on', ...(hasPassword ? { password: 'an invented password' } : {}) }])
    if (hasPassword) expect(document.querySelector<HTMLInputElement>('#export-password')?.value).toBe('')
  })
})

describe('without a master key', () => {
  const MISSING: Opening = { key: { state: 'missing', source: null, ways: { keychain: false, passphrase: true } } }

  it('the room asks where it shall live, and takes a passphrase that is typed twice', async () => {
    const { room } = await open(MISSING)
    room.answer('keys.create', () => sampleKeys({ source: 'file' }))
    expect(button('Add')?.disabled).toBe(true)
    await press('Set it up…')
    await see('Where shall the master key live?')
    expect(text()).toContain('no keychain answers')
    await type('#key-passphrase', 'too short')
    expect(text()).toContain('A passphrase has at least 12 characters; this one has 9.')
    await type('#key-passphrase', 'twelve invented')
    await type('#key-passphrase-again', 'twelve imvented')
    expect(text()).toContain('The two are not the same.')
    await submit()
    expect(room.asked('keys.create')).toEqual([])
    await type('#key-passphrase-again', 'twelve invented')
    await submit()
    expect(room.asked('keys.create')).toEqual([{ way: 'passphrase', passphrase: 'twelve invented' }])
    await expect.poll(() => button('Add')?.disabled).toBe(false)
    expect(all('[aria-label="Master key"]')).toHaveLength(0)
  })

  it('that lies behind a passphrase, it asks for that', async () => {
    const { room } = await open({ key: { state: 'locked', source: null, sentence: 'The master key lies in master.key, sealed with a passphrase.', ways: { keychain: false, passphrase: false } } })
    room.answer('keys.unlock', () => {
      throw new AppError('FORBIDDEN', 'That is not the passphrase of master.key.')
    })
    expect(text()).toContain('The master key lies in master.key')
    await type('[aria-label="Passphrase of the key file"]', 'a wrong one')
    await press('Open')
    await see('That is not the passphrase of master.key.')
    room.answer('keys.unlock', () => sampleKeys({ source: 'file' }))
    await type('[aria-label="Passphrase of the key file"]', 'the right one')
    await press('Open')
    expect(room.asked('keys.unlock')).toEqual([{ passphrase: 'a wrong one' }, { passphrase: 'the right one' }])
    await expect.poll(() => all('[aria-label="Master key"]')).toHaveLength(0)
  })

  it('that a closed keychain holds, it asks that again', async () => {
    const { room } = await open({ key: { state: 'locked', source: null, sentence: 'The keychain is locked.', ways: { keychain: true, passphrase: false } } })
    room.answer('keys.create', () => sampleKeys({ source: 'keychain' }))
    await press('Ask the keychain again')
    expect(room.asked('keys.create')).toEqual([{ way: 'keychain' }])
  })

  it.each(['other-key', 'damaged'] as const)('%s: it says what is wrong', async (state) => {
    await open({ key: { state, sentence: 'What is kept here was encrypted with another key.' } })
    expect(text()).toContain('What is kept here was encrypted with another key.')
    expect(button('Set it up…')).toBeUndefined()
  })
})

describe('on a stage', () => {
  it('secrets are locked with a password that is typed twice, and unlocked with it', async () => {
    const { room } = await open()
    room.answer('stage.lock', () => sampleStage({ locked: true, lockedBy: 'owner', lockedAt: 1_000, opensWith: 'stage-password' }))
    room.answer('stage.unlock', () => sampleStage())
    await press('Lock')
    await type('#stage-password', 'an invented word')
    await submit()
    expect(room.asked('stage.lock')).toEqual([])
    await type('#stage-password-again', 'an invented word')
    await submit()
    expect(room.asked('stage.lock')).toEqual([{ password: 'an invented word' }])
    await see('Locked for the stage by owner')
    for (const name of ['Add', 'Reveal OPENAI_API_KEY (production)', 'Edit OPENAI_API_KEY (production)', 'Delete OPENAI_API_KEY (production)']) expect(button(name)?.disabled).toBe(true)
    expect(button('Lock')).toBeUndefined()
    await type('[aria-label="Password for the stage"]', 'an invented word')
    await press('Unlock')
    expect(room.asked('stage.unlock')).toEqual([{ password: 'an invented word' }])
    await expect.poll(() => button('Add')?.disabled).toBe(false)
    expect(all('[role="dialog"]')).toHaveLength(0)
  })

  it('somebody with a password of their own gives none to lock it', async () => {
    const { room } = await open({ lock: { needsPassword: false } })
    room.answer('stage.lock', () => sampleStage({ locked: true, lockedBy: 'ada', lockedAt: 1_000, needsPassword: false, opensWith: 'account-password' }))
    await press('Lock')
    expect(document.querySelector('#stage-password')).toBeNull()
    await submit()
    expect(room.asked('stage.lock')).toEqual([{}])
    await expect.poll(() => all('[aria-label="Password of ada"]')).toHaveLength(1)
  })

  it('whoever may not unlock it is told who has locked it', async () => {
    await open({ canAct: false, lock: { locked: true, lockedBy: 'ada', lockedAt: 1_000, canUnlock: false } })
    expect(text()).toContain('Locked for the stage by ada')
    expect(all('input[type="password"]')).toHaveLength(0)
  })
})
