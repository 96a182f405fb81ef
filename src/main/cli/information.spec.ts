import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ExplainedSetting } from '../../shared/contract/launch.ts'
import { createTestUser, type TestUser } from './testCommandLine.ts'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

it('config --explain tells each value with where it came from, and writes nothing', async () => {
  user.write('work/agent.py', '')
  const file = user.write('work/iron_cage.toml', 'budget = 7\n[variables]\nA = "1"\n')
  const args = ['config', '--explain', 'work/agent.py', '--safety-mode', 'warn']
  const { stdout, code } = await user.run(args, { environment: { IRON_CAGE_RESTART: 'never' } })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^SETTING +VALUE +FROM\n/)
  expect(stdout).toMatch(new RegExp(`^budget +\\$7\\.00 +agent file: ${file}$`, 'm'))
  expect(stdout).toMatch(/^safety_mode +warn +flag: --safety-mode$/m)
  expect(stdout).toMatch(/^restart +never +environment: IRON_CAGE_RESTART$/m)
  expect(stdout).toMatch(/^max_restarts +3 +default$/m)
  expect(stdout).toMatch(/^variables\.A +1 +agent file/m)
  expect(stdout).toMatch(/^port +7317 +default$/m)
  const rows = JSON.parse((await user.run([...args, '--json'])).stdout) as ExplainedSetting[]
  expect(rows[0]).toEqual({ key: 'budget', value: '$7.00', origin: 'agent file', source: file, summary: 'What the agent may spend, in dollars.' })
  expect(user.hasDataFolder()).toBe(false)
})

it('--version, --help and nothing at all', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as { version: string }
  expect(await user.run(['--version'])).toMatchObject({ code: 0, stdout: `iron_cage ${version}\n`, stderr: '' })
  expect(await user.run(['start', '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--budget DOLLARS') as string })
  expect(await user.run([])).toMatchObject({ code: 2, stdout: expect.stringContaining('Commands:') as string })
})

it('what an agent says of itself does not move the terminal of whoever asks about it', async () => {
  user.write('agent\u001b[2J.py', 'raise ValueError("no such\\u001b[2J lead")\n')
  await user.run(['start', 'agent\u001b[2J.py', '--restart', 'never'])
  const listed = await user.run(['list'])
  expect(listed.stdout).toContain('agent\\u001b[2J.py')
  const { stdout } = await user.run(['status', /^[a-z0-9]{2}-[0-9a-f]{8}/m.exec(listed.stdout)?.[0] ?? ''])
  expect(stdout).toContain('It ended with exit code 1 (ValueError: no such\\u001b[2J lead).')
  expect(listed.stdout + stdout).not.toContain('\u001b')
})
