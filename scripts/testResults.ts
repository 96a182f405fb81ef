import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** What each runner of `npm test` wrote down, in one form: the end of the run names what failed, whoever ran it. */

export interface Failure {
  readonly name: string
  readonly message: string
}

export interface Results {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly Failure[]
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly name: string; readonly message: string; readonly assertionResults: readonly VitestCase[] }[]
}

interface VitestCase {
  readonly status: string
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly failureMessages: readonly string[]
}

export function resultsOfVitest(report: VitestReport, root: string): Results {
  const failures = report.testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(root, name)
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const cases = failed.map(({ ancestorTitles, title, failureMessages }) => ({ name: [file, ...ancestorTitles, title].join(' › '), message: brief(failureMessages.join('\n'), root) }))
    // A file that does not load, or whose hooks fail, says so without a case.
    return message === '' ? cases : [{ name: file, message: brief(message, root) }, ...cases]
  })
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests, failures }
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number; readonly skipped: number }
  readonly suites: readonly PlaywrightSuite[]
}

interface PlaywrightSuite {
  readonly title: string
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs: readonly {
    readonly title: string
    readonly tests: readonly { readonly projectName: string; readonly status: string; readonly results: readonly { readonly errors: readonly { readonly message?: string }[] }[] }[]
  }[]
}

export function resultsOfPlaywright({ stats, suites }: PlaywrightReport, root: string): Results {
  const failures: Failure[] = []
  const look = ({ title, suites: inner = [], specs }: PlaywrightSuite, above: readonly string[]): void => {
    const path = [...above, title]
    for (const spec of specs) {
      for (const { projectName, status, results } of spec.tests) {
        if (status !== 'unexpected' && status !== 'flaky') continue
        const message = results.flatMap(({ errors }) => errors.map((error) => error.message ?? '')).join('\n')
        failures.push({ name: [`[${projectName}] ${path[0]}`, ...path.slice(1), spec.title].join(' › '), message: brief(message, root) })
      }
    }
    for (const suite of inner) look(suite, path)
  }
  for (const suite of suites) look(suite, [])
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped, failures }
}

const TEXT_OF: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#10;': '\n', '&amp;': '&' }
const text = (written: string): string => written.replace(/&(?:lt|gt|quot|#10|amp);/g, (entity) => TEXT_OF[entity] ?? entity)

/** Of pytest's `--junitxml`. */
export function resultsOfPytest(report: string, root: string): Results {
  const counts = /<testsuite [^>]*>/.exec(report)?.[0]
  const figure = (key: string): number => Number(new RegExp(` ${key}="(\\d+)"`).exec(counts ?? '')?.[1] ?? 0)
  const failed = figure('failures') + figure('errors')
  const skipped = figure('skipped')
  const cases = report.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*><(?:failure|error) message="([^"]*)"/g)
  const failures = [...cases].map(([, file = '', name = '', message = '']) => ({ name: `${text(file)} › ${text(name)}`, message: brief(text(message), root) }))
  return { passed: figure('tests') - failed - skipped, failed, skipped, failures }
}

const MOST_LINES = 14

/** What went wrong and where in our own files; the runner's frames say nothing. */
function brief(message: string, root: string): string {
  const lines = stripVTControlCharacters(message).split('\n').map((line) => line.trimEnd())
  const telling = lines.filter((line) => line !== '' && (!/^\s+at /.test(line) || (line.includes(root) && !line.includes('node_modules'))))
  const shown = telling.slice(0, MOST_LINES).map((line) => line.replaceAll(`${root}/`, ''))
  return telling.length > MOST_LINES ? [...shown, '…'].join('\n') : shown.join('\n')
}

/** The last thing but one that a run says; its figures come after it. */
export function tellOfFailures(failures: readonly Failure[]): string {
  if (failures.length === 0) return ''
  const told = failures.map(({ name, message }) => [`✗ ${name}`, ...message.split('\n').filter((line) => line !== '').map((line) => `    ${line}`)].join('\n'))
  return `\n── What failed\n${told.join('\n')}\n`
}
