import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { runCommandLine, type Invocation } from './run.ts'

it('a defect of a command is told with what helps to report it, and nothing private', async () => {
  let said = ''
  const stderr = Object.assign(new PassThrough(), { isTTY: false }).on('data', (chunk: Buffer) => (said += chunk.toString()))
  const process = {
    env: { CRM_API_KEY: 'invented-variable-0123456789', NO_COLOR: '1' },
    platform: 'linux',
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    cwd: () => {
      throw new TypeError('row 7 of ada.lovelace@example.com has no cost, invented-variable-0123456789')
    },
  }
  expect(await runCommandLine({ argv: ['list'], process: process as unknown as Invocation['process'] })).toBe(70)
  expect(said).toContain('please report it.\nTypeError: row 7 of [EMAIL_REDACTED] has no cost, ')
  expect(said).toContain('run.spec.ts')
  expect(said).not.toContain('invented-variable')
})
