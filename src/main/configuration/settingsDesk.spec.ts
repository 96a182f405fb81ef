import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Settings, type SettingView } from '../../shared/contract/settings.ts'
import { AppError } from '../../shared/errors.ts'
import type { FlagValues } from './layers.ts'
import { createLaunchPlanner } from './launchPlanner.ts'
import type { RoomValues } from './settings.ts'
import { createSettingsDesk, type SettingsDesk } from './settingsDesk.ts'
import { createTestFolder, type TestFolder } from './testFolder.ts'

const WHO = 'ada (admin)'
const WEBHOOK = 'https://hooks.example.com/services/invented-path'

let folder: TestFolder
let dataFolder: string
let file: string
let applied: RoomValues[]
let announced: [readonly string[], string][]
let defects: unknown[]
beforeEach(() => {
  folder = createTestFolder()
  dataFolder = join(folder.path, 'data')
  file = join(dataFolder, 'settings.yaml')
  applied = []
  announced = []
  defects = []
})
afterEach(() => folder.remove())

interface DeskOptions {
  readonly environment?: Record<string, string>
  readonly flags?: FlagValues
  readonly prepare?: (values: RoomValues) => Promise<() => Promise<void>>
}

async function openDesk({ environment = {}, flags, prepare }: DeskOptions = {}): Promise<SettingsDesk> {
  const planner = createLaunchPlanner({ environment, dataFolder, platform: 'linux' })
  const { values } = await planner.room(flags)
  let count = 0
  return createSettingsDesk({
    dataFolder,
    planner,
    flags,
    random: { hex: () => String(++count), fraction: () => 0 },
    inUse: () => applied.at(-1) ?? values,
    prepare: prepare ?? (async (next) => async () => void applied.push(next)),
    announce: async (...news) => void announced.push(news),
    onDefect: (defect) => defects.push(defect),
  })
}

const write = (text: string): void => {
  mkdirSync(dataFolder, { recursive: true })
  writeFileSync(file, text)
}
const read = (): string => readFileSync(file, 'utf8')
const named = ({ settings }: Settings, key: string): SettingView => settings.find((one) => one.key === key)!
const refusalOf = (asked: Promise<unknown>): Promise<{ code: string; message: string; details: unknown }> =>
  asked.then(
    () => Promise.reject(new Error('It was done.')),
    ({ code, message, details }: AppError) => ({ code, message, details }),
  )

describe('listing', () => {
  it('tells who says what, and who of them goes first', async () => {
    write('budget: 50\n')
    const desk = await openDesk({ environment: { IRON_CAGE_BUDGET: '5' }, flags: { port: '7400' } })
    const settings = Settings.parse(await desk.list())
    expect(settings.file).toBe(file)
    expect(named(settings, 'budget').layers).toEqual([
      { origin: 'environment', source: 'IRON_CAGE_BUDGET', value: '$5.00' },
      { origin: 'user settings', source: file, value: '$50.00' },
      { origin: 'default', source: null, value: '$100.00' },
    ])
    expect(named(settings, 'port').layers[0]).toEqual({ origin: 'flag', source: '--port', value: 7400 })
  })

  it('tells of each what it may be, how one asks for it, and when a change is felt', async () => {
    const settings = await (await openDesk()).list()
    expect(named(settings, 'safety_mode')).toMatchObject({ form: { kind: 'choice', options: ['redact', 'block', 'warn'] }, takesEffect: 'next start', isOptional: false, allowed: 'one of redact, block or warn' })
    expect(named(settings, 'port')).toMatchObject({ form: { kind: 'number', least: 0, most: 65_535 }, takesEffect: 'room restart' })
    expect(named(settings, 'alert_email')).toMatchObject({ form: { kind: 'text' }, takesEffect: 'at once', isOptional: true })
    expect(named(settings, 'allowed_models').form).toEqual({ kind: 'list' })
    expect(named(settings, 'seal_secrets').form).toEqual({ kind: 'switch' })
    expect(named(settings, 'safety_directions').form).toEqual({ kind: 'pairs', names: ['to-model', 'from-model', 'terminal', 'tools'], options: ['redact', 'block', 'warn', 'off'] })
  })

  it('has nothing that belongs into an agent’s own file', async () => {
    const keys = (await (await openDesk()).list()).settings.map(({ key }) => key)
    expect(keys).not.toContain('interpreter')
    expect(keys).not.toContain('variables')
  })

  it('keeps back the part of a webhook’s address that gives access', async () => {
    write(`alert_webhook: ${WEBHOOK}\n`)
    const settings = await (await openDesk()).list()
    expect(JSON.stringify(settings)).not.toContain('invented-path')
    expect(named(settings, 'alert_webhook')).toMatchObject({ isMasked: true, layers: [{ value: 'https://hooks.example.com/…' }, { value: null }] })
  })

  it('says so when a file that was changed by hand does not hold', async () => {
    const desk = await openDesk()
    write('budget: lots\n')
    expect(await refusalOf(desk.list())).toMatchObject({ code: 'INVALID_CONFIGURATION', message: expect.stringContaining(`${file}, line 1: budget is "lots"`) })
  })
})

describe('a change', () => {
  it('is written into the file, whose remarks stay, and told of by name only', async () => {
    write('# for our team\nbudget: 50 # agreed\n')
    const desk = await openDesk()
    const settings = await desk.change([{ key: 'budget', value: '75' }, { key: 'alert_webhook', value: WEBHOOK }], undefined, WHO)
    expect(read()).toBe(`# for our team\nbudget: 75 # agreed\nalert_webhook: ${WEBHOOK}\n`)
    expect(named(settings, 'budget').layers[0]).toEqual({ origin: 'user settings', source: file, value: '$75.00' })
    expect(announced).toEqual([[['budget', 'alert_webhook'], WHO]])
    expect(applied.map(({ alert_webhook }) => alert_webhook)).toEqual([WEBHOOK])
  })

  it('takes a setting out where it has no value', async () => {
    write('budget: 50\nenv: staging\n')
    const settings = await (await openDesk()).change([{ key: 'budget' }], undefined, WHO)
    expect(read()).toBe('env: staging\n')
    expect(named(settings, 'budget').layers).toEqual([{ origin: 'default', source: null, value: '$100.00' }])
  })

  it.each([
    ['budget', '$75', 'budget: $75\n'],
    ['park_for', '90', 'park_for: 90\n'],
    ['park_for', '2m', 'park_for: 2m\n'],
    ['port', '7400', 'port: 7400\n'],
    ['seal_secrets', 'yes', 'seal_secrets: true\n'],
    ['allowed_models', 'gpt-4*, claude-*', 'allowed_models:\n  - gpt-4*\n  - claude-*\n'],
    ['safety_types', 'phone=warn', 'safety_types:\n  phone: warn\n'],
    ['smtp_password', 'env:SMTP_PASSWORD', 'smtp_password: env:SMTP_PASSWORD\n'],
  ])('of %s is read from the text %j as after a flag', async (key, value, text) => {
    await (await openDesk()).change([{ key, value }], undefined, WHO)
    expect(read()).toBe(text)
  })

  it('takes lists and tables as a file holds them', async () => {
    await (await openDesk()).change([{ key: 'not_private', value: ['@company.com', '/^ORD-[0-9]+$/'] }, { key: 'allowed_tools', value: [] }], undefined, WHO)
    expect(read()).toBe('not_private:\n  - "@company.com"\n  - /^ORD-[0-9]+$/\nallowed_tools: []\n')
  })

  it('is refused in the schema’s own sentence, and then none of them is made', async () => {
    write('env: staging\n')
    const desk = await openDesk()
    const asked = desk.change([{ key: 'env', value: 'production' }, { key: 'budget', value: '-5' }], undefined, WHO)
    const message = 'budget is "-5", but must be an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25.'
    expect(await refusalOf(asked)).toEqual({ code: 'INVALID_INPUT', message, details: { key: 'budget' } })
    expect(read()).toBe('env: staging\n')
    expect([applied, announced]).toEqual([[], []])
    expect(await desk.check({ key: 'budget', value: '-5' })).toBe(message)
    expect(await desk.check({ key: 'budget', value: '5' })).toBeNull()
    expect(read()).toBe('env: staging\n')
  })

  it('never repeats a secret that was put in the place of a reference', async () => {
    const { message } = await refusalOf((await openDesk()).change([{ key: 'smtp_password', value: 'hunter2-invented' }], undefined, WHO))
    expect(message).toContain('smtp_password is something else (not shown here), but must be a reference such as env:NAME')
    expect(message).not.toContain('hunter2')
  })

  it.each([
    ['budgit', 'settings.yaml: there is no setting "budgit"; did you mean budget?'],
    ['interpreter', 'settings.yaml: interpreter is about one agent and belongs into its iron_cage.yaml.'],
  ])('of %s is refused', async (key, message) => {
    expect(await refusalOf((await openDesk()).change([{ key, value: 'x' }], undefined, WHO))).toMatchObject({ message })
    expect(existsSync(file)).toBe(false)
  })

  it('is refused while something else in the file does not hold, unless it mends that', async () => {
    const desk = await openDesk()
    write('env: nowhere\n')
    expect((await refusalOf(desk.change([{ key: 'budget', value: 5 }], undefined, WHO))).message).toContain(`${file}, line 1: env is "nowhere"`)
    await desk.change([{ key: 'env', value: 'staging' }], undefined, WHO)
    expect(read()).toBe('env: staging\n')
  })

  it('is refused where it cannot be taken up', async () => {
    const desk = await openDesk({ prepare: () => Promise.reject(new AppError('INVALID_CONFIGURATION', 'There is no such price file.')) })
    expect(await refusalOf(desk.change([{ key: 'prices', value: 'own.yaml' }], undefined, WHO))).toMatchObject({ message: 'There is no such price file.' })
    expect(existsSync(file)).toBe(false)
    expect(await desk.check({ key: 'prices', value: 'own.yaml' })).toBe('There is no such price file.')
  })

  it('is refused where the file is another one than was looked at', async () => {
    write('budget: 50\n')
    const desk = await openDesk()
    const { revision } = await desk.list()
    write('budget: 60\n')
    expect(await refusalOf(desk.change([{ key: 'env', value: 'staging' }], revision, WHO))).toMatchObject({ code: 'CONFLICT', message: `${file} has changed meanwhile; look at it again.` })
    const { revision: now } = await desk.list()
    await desk.change([{ key: 'env', value: 'staging' }], now, WHO)
    expect(read()).toBe('budget: 60\nenv: staging\n')
  })

  it('says of a setting of the room what is in use until it is taken up', async () => {
    const desk = await openDesk({ prepare: async () => async () => undefined })
    const settings = await desk.change([{ key: 'port', value: 7400 }, { key: 'budget', value: 5 }], undefined, WHO)
    expect(named(settings, 'port').inUse).toBe(7317)
    expect(named(settings, 'budget').inUse).toBeUndefined()
  })

  it('stands in the file even where taking it up goes wrong, which is a defect', async () => {
    const mishap = new Error('an invented mishap')
    await (await openDesk({ prepare: async () => () => Promise.reject(mishap) })).change([{ key: 'port', value: 7400 }], undefined, WHO)
    expect([read(), defects]).toEqual(['port: 7400\n', [mishap]])
  })
})

describe('the file', () => {
  it('is for its owner alone when it is made, and stays for whom it was', async () => {
    const desk = await openDesk()
    await desk.change([{ key: 'budget', value: 5 }], undefined, WHO)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    chmodSync(file, 0o664)
    await desk.change([{ key: 'budget', value: 6 }], undefined, WHO)
    expect([statSync(file).mode & 0o777, readdirSync(dataFolder)]).toEqual([0o664, ['settings.yaml']])
  })

  it('may be a link: what it leads to is changed', async () => {
    const target = folder.write('dotfiles/iron-cage.yaml', 'budget: 5\n')
    mkdirSync(dataFolder)
    symlinkSync(target, file)
    await (await openDesk()).change([{ key: 'budget', value: 6 }], undefined, WHO)
    expect([lstatSync(file).isSymbolicLink(), readFileSync(target, 'utf8')]).toEqual([true, 'budget: 6\n'])
  })

  it('that cannot be written is told of', async () => {
    const desk = await openDesk()
    writeFileSync(dataFolder, 'no folder')
    expect(await refusalOf(desk.change([{ key: 'budget', value: 5 }], undefined, WHO))).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(`${file} cannot be written (`) })
    expect([applied, announced]).toEqual([[], []])
  })
})
