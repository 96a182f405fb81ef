import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLaunchPlanner } from '../../configuration/launchPlanner.ts'
import { createTestFolder, type TestFolder } from '../../configuration/testFolder.ts'
import { interpreterSetting } from './interpreterSetting.ts'

let user: TestFolder
beforeEach(() => {
  user = createTestFolder()
})
afterEach(() => user.remove())

const asked = (environment: Record<string, string>): ReturnType<typeof interpreterSetting> =>
  interpreterSetting(createLaunchPlanner({ environment, dataFolder: user.path, platform: 'linux' }))

it('is what a variable or a flag names', async () => {
  expect(await asked({})).toBeNull()
  expect(await asked({ IRON_CAGE_INTERPRETER: 'python3.12' })).toMatchObject({ value: 'python3.12', subject: 'IRON_CAGE_INTERPRETER' })
})
