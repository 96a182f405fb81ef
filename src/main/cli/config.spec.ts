import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestUser, type TestUser } from './testCommandLine.ts'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

const file = (): string => join(user.dataFolder, 'settings.yaml')
const read = (): string => readFileSync(file(), 'utf8')

describe('iron_cage config set and unset', () => {
  it('change settings.yaml, keep its remarks, and say when it is felt', async () => {
    user.write('data/settings.yaml', '# for our team\nenv: staging\n')
    expect(await user.run(['config', 'set', 'budget', '50'])).toMatchObject({ code: 0, stdout: 'budget is $50.00. It holds for agents from their next start.\n' })
    expect(await user.run(['config', 'set', 'allowed_tools', '[]'])).toMatchObject({ code: 0, stdout: 'allowed_tools is an empty list. It holds for agents from their next start.\n' })
    expect(read()).toBe('# for our team\nenv: staging\nbudget: 50\nallowed_tools: []\n')
    expect(await user.run(['config', 'unset', 'env'])).toMatchObject({ code: 0, stdout: 'env is development. It holds for agents from their next start.\n' })
    expect(read()).toBe('# for our team\nbudget: 50\nallowed_tools: []\n')
  })

  it('change it in the room that runs, which says what is in use until it starts again', async () => {
    const room = user.start(['serve', '--port', '0'])
    await room.until('stdout', /listening on/)
    const { stdout } = await user.run(['config', 'set', 'log_kept_for', '3'])
    expect(stdout).toBe('log_kept_for is 3. In use is 7, until the room is started again.\n')
  })

  it('say what goes before the file', async () => {
    const { stdout } = await user.run(['config', 'set', 'budget', '50'], { environment: { IRON_CAGE_BUDGET: '5' } })
    expect(stdout).toBe('budget is $5.00. IRON_CAGE_BUDGET says $5.00, and goes before the file. It holds for agents from their next start.\n')
  })

  it.each([
    [['set', 'budget', 'lots'], 'budget is "lots", but must be an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25.'],
    [['set', 'budgit', '5'], 'settings.yaml: there is no setting "budgit"; did you mean budget?'],
    [['set', 'interpreter', 'python3'], 'settings.yaml: interpreter is about one agent and belongs into its iron_cage.yaml.'],
    [['set', 'prices', 'own.yaml'], 'There is no price file FOLDER/own.yaml; it was named in the settings as prices.'],
    [['set', 'budget'], 'iron_cage config set budget needs a value; to take it out of the file, say iron_cage config unset budget.'],
    [['set'], 'iron_cage config set needs the name of a setting; iron_cage config lists them all.'],
    [['unset', 'budget', '5'], '"5" is one word too many for iron_cage config unset.'],
    [['agent.py', 'other.py'], '"other.py" is one word too many for iron_cage config.'],
    [['set', 'budget', '5', '--explain'], 'iron_cage config set is about settings.yaml; say it without --explain and --config.'],
  ])('refuse %j', async (args, sentence) => {
    const { code, stdout, stderr } = await user.run(['config', ...args])
    expect(stderr.replaceAll(user.folder, 'FOLDER')).toBe(`iron_cage: ${sentence}\n`)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(existsSync(file())).toBe(false)
  })
})
