import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestFolder, type TestFolder } from '../../configuration/testFolder.ts'
import { makeRehearsalFolder } from './rehearsalFolder.ts'

let user: TestFolder
beforeEach(() => {
  user = createTestFolder()
})
afterEach(() => user.remove())

it('takes nothing of the user’s but the LangChain that was installed for the demo, and leaves that where it is', async () => {
  const marker = user.write('demo/python/installed', 'whole')
  user.write('demo/demo.yaml', 'budget: 1\n')
  const folder = await makeRehearsalFolder({ PATH: '/bin', OPENAI_API_KEY: 'sk-invented', IRON_CAGE_PROVIDER: 'live' }, user.path)
  expect(readFileSync(join(folder.path, 'demo', 'python', 'installed'), 'utf8')).toBe('whole')
  expect(existsSync(join(folder.path, 'demo', 'demo.yaml'))).toBe(false)
  expect(folder.environment).toMatchObject({ PATH: '/bin', IRON_CAGE_HOME: folder.path })
  expect(folder.environment).not.toHaveProperty('OPENAI_API_KEY')
  expect(folder.environment).not.toHaveProperty('IRON_CAGE_PROVIDER')
  await folder.remove()
  expect(existsSync(folder.path)).toBe(false)
  expect(readFileSync(marker, 'utf8')).toBe('whole')
})

it('takes the Python that was named', async () => {
  const folder = await makeRehearsalFolder({ IRON_CAGE_INTERPRETER: '/invented/python3', IRON_CAGE_INTERPRETERS: 'x' }, user.path)
  expect(folder.environment).toMatchObject({ IRON_CAGE_INTERPRETER: '/invented/python3' })
  expect(folder.environment).not.toHaveProperty('IRON_CAGE_INTERPRETERS')
  await folder.remove()
})

it('does without where none was installed', async () => {
  const folder = await makeRehearsalFolder({}, user.path)
  expect(existsSync(join(folder.path, 'demo', 'python'))).toBe(false)
  await folder.remove()
  expect(existsSync(folder.path)).toBe(false)
})
