import { describe, expect, it } from 'vitest'
import { resultsOfPlaywright, resultsOfPytest, resultsOfVitest, tellOfFailures } from './testResults.ts'

const ROOT = '/somewhere/room'

describe('the end of a test run names what failed', () => {
  it('in vitest: cases with what was expected and the place in our own files, and files that do not load', () => {
    const failed = {
      status: 'failed',
      ancestorTitles: ['a gateway', 'that is asked'],
      title: 'answers',
      failureMessages: [`AssertionError: expected 1 to be 2\n    at ${ROOT}/src/main/gateway.spec.ts:2:57\n    at file://${ROOT}/node_modules/vitest/run.js:1695:35\n    at new Promise (<anonymous>)`],
    }
    const passed = { status: 'passed', ancestorTitles: [], title: 'is there', failureMessages: [] }
    const results = resultsOfVitest(
      {
        numPassedTests: 1,
        numFailedTests: 1,
        numPendingTests: 2,
        numTodoTests: 1,
        testResults: [
          { name: `${ROOT}/src/main/gateway.spec.ts`, message: '', assertionResults: [passed, failed] },
          { name: `${ROOT}/src/main/ledger.spec.ts`, message: 'Cannot find module "sums"', assertionResults: [] },
        ],
      },
      ROOT,
    )
    expect(results).toEqual({
      passed: 1,
      failed: 1,
      skipped: 3,
      failures: [
        { name: 'src/main/gateway.spec.ts › a gateway › that is asked › answers', message: 'AssertionError: expected 1 to be 2\n    at src/main/gateway.spec.ts:2:57' },
        { name: 'src/main/ledger.spec.ts', message: 'Cannot find module "sums"' },
      ],
    })
  })

  it('in Playwright: with the way in which it ran, without colours, and what passed at a second try only', () => {
    const ran = (status: string, message?: string) => ({ projectName: 'stand-in', status, results: [{ errors: message === undefined ? [] : [{ message }] }] })
    const results = resultsOfPlaywright(
      {
        stats: { expected: 1, unexpected: 1, flaky: 1, skipped: 4 },
        suites: [
          {
            title: 'log.spec.ts',
            specs: [{ title: 'is there', tests: [ran('expected')] }],
            suites: [{ title: 'the log', specs: [{ title: 'scrolls', tests: [ran('unexpected', '\u001B[31mTimed out\u001B[39m')] }, { title: 'ends', tests: [ran('flaky', 'Once')] }] }],
          },
        ],
      },
      ROOT,
    )
    expect(results).toEqual({
      passed: 1,
      failed: 2,
      skipped: 4,
      failures: [
        { name: '[stand-in] log.spec.ts › the log › scrolls', message: 'Timed out' },
        { name: '[stand-in] log.spec.ts › the log › ends', message: 'Once' },
      ],
    })
  })

  it('in pytest: failed cases and broken fixtures', () => {
    const report = `<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="5" time="0.1">
      <testcase classname="tests.test_bridge" name="test_ask" time="0.1"/>
      <testcase classname="tests.test_bridge" name="test_tell[&lt;a&amp;b&gt;]" time="0.1"><failure message="assert 1 == 2&#10; + one">trace</failure></testcase>
      <testcase classname="tests.test_bridge" name="test_end" time="0.1"><error message="failed on setup with &quot;no room&quot;">trace</error></testcase></testsuite></testsuites>`
    expect(resultsOfPytest(report, ROOT)).toEqual({
      passed: 2,
      failed: 2,
      skipped: 1,
      failures: [
        { name: 'tests.test_bridge › test_tell[<a&b>]', message: 'assert 1 == 2\n + one' },
        { name: 'tests.test_bridge › test_end', message: 'failed on setup with "no room"' },
      ],
    })
  })

  it('tells of each in some lines, however long its message is, and of none with nothing', () => {
    const long = resultsOfPytest(`<testcase classname="a" name="b" time="1"><failure message="${Array.from({ length: 40 }, (_, index) => `line ${index}`).join('&#10;')}"`, ROOT)
    const lines = tellOfFailures(long.failures).trim().split('\n')
    expect([lines[0], lines[1], lines[2], lines.at(-2), lines.at(-1)]).toEqual(['── What failed', '✗ a › b', '    line 0', '    line 13', '    …'])
    expect(tellOfFailures([])).toBe('')
  })
})
