import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let home: string
/** With a space in it, as folders have. */
let root: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'test-run-'))
  root = join(home, 'control room')
  for (const folder of ['scripts', 'node_modules/.bin']) mkdirSync(join(root, folder), { recursive: true })
  for (const file of ['test.mjs', 'testResults.ts']) copyFileSync(join(import.meta.dirname, file), join(root, 'scripts', file))
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  runner('npm', 'exit 0')
  runner('vitest', `for word; do case $word in --outputFile.json=*) echo '{"numPassedTests":3,"numFailedTests":0,"numPendingTests":1,"numTodoTests":0,"testResults":[]}' > "\${word#*=}";; esac; done`)
  runner('node', `case $1 in scripts/*) file=.cache/results/python.json;; *) while [ "$1" != --result ]; do shift; done; file=$2;; esac; echo '{"passed":5,"failed":0,"skipped":0,"failures":[]}' > "$file"`)
  runner('playwright', `echo '{"stats":{"expected":7,"unexpected":0,"flaky":0,"skipped":0},"suites":[]}' > "$PLAYWRIGHT_JSON_OUTPUT_NAME"`)
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** What stands in the place of a program that runs tests. */
function runner(name: string, text: string): void {
  writeFileSync(join(root, 'node_modules/.bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
}

function run(): { code: number | null; last: string } {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'scripts/test.mjs')], { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' })
  return { code: status, last: stdout.trimEnd().split('\n').at(-1) ?? '' }
}

describe.skipIf(process.platform === 'win32')('npm test', () => {
  it('adds up what each runner has written down', () => {
    expect(run()).toEqual({ code: 0, last: '25 passed, 0 failed, 2 skipped' })
  })

  it('counts a runner that crashes, and a check that fails, as a failure each', () => {
    runner('npm', 'exit 2')
    runner('playwright', 'exit 1')
    expect(run()).toEqual({ code: 1, last: '16 passed, 3 failed, 2 skipped' })
  })
})
