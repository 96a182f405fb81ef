import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestFolder } from './configuration/testFolder.ts'
import { EXIT_CODES } from './cli/exitCodes.ts'
import { LEAST_NODE, OLD_NODE_EXIT, refuseOldNode } from './oldNode.ts'

let folder: ReturnType<typeof createTestFolder>
beforeEach(() => {
  folder = createTestFolder()
})
afterEach(() => folder.remove())

/** Runs an entry under a Node that says it is version 20, and where whatever would crash there cannot even be found. */
function runUnderOldNode(entry: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const pretence = folder.write(
    'pretence.mjs',
    `import { registerHooks } from 'node:module'
     Object.defineProperty(process.versions, 'node', { value: '20.20.2' })
     registerHooks({ resolve: (name, context, next) => {
       if (/better-sqlite3|node-pty|\\/run\\.ts|browserHost/.test(name)) throw new Error('loaded: ' + name)
       return next(name, context)
     } })`,
  )
  return new Promise((resolve) => {
    const file = join(import.meta.dirname, entry)
    execFile(process.execPath, ['--import', pretence, file], (problem, stdout, stderr) => {
      resolve({ code: typeof problem?.code === 'number' ? problem.code : 0, stdout, stderr })
    })
  })
}

it.each(['cli/main.ts', 'headless.ts'])('%s under an old Node says one sentence, before it loads anything else', async (entry) => {
  const { code, stdout, stderr } = await runUnderOldNode(entry)
  expect(stderr).toMatch(/^(iron_cage: )?Iron Cage Control Room needs Node 24 or newer here, and this is Node 20\.20\.2: .*\n$/)
  expect(stdout).toBe('')
  expect(code).toBe(OLD_NODE_EXIT)
  expect(EXIT_CODES.problems[0]).toBe(OLD_NODE_EXIT)
})

it('takes the least version and everything newer', () => {
  expect(refuseOldNode(`${LEAST_NODE}.0.0`)).toBeNull()
  expect(refuseOldNode('100.1.2')).toBeNull()
  expect(refuseOldNode(`${LEAST_NODE - 1}.99.0`)).toContain(`Node ${LEAST_NODE - 1}.99.0`)
})
