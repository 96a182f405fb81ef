// `npm test`: every check there is, one after the other, and one closing line that counts them all.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resultsOfPlaywright, resultsOfVitest, tellOfFailures } from './testResults.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** From the root, where every runner starts: its own path may have spaces, which a shell would take apart. */
const written = (name) => `.cache/results/${name}`
const results = join(root, '.cache', 'results')
const environment = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}` }
rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })

const total = { passed: 0, failed: 0, skipped: 0 }
const allFailures = []
const count = ({ passed = 0, failed = 0, skipped = 0, failures = [] }) => {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  allFailures.push(...failures)
}
const failedAsAWhole = (title, message) => ({ failed: 1, failures: [{ name: title, message }] })

function run(title, command, extra = {}) {
  process.stdout.write(`\n── ${title}\n`)
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: root, shell: true, stdio: ['ignore', 'inherit', 'inherit'], env: { ...environment, ...extra } })
    child.on('exit', (code) => resolve(code ?? 1))
    child.on('error', () => resolve(1))
  })
}

/** A check without cases of its own counts as one. */
async function check(title, command) {
  const code = await run(title, command)
  count(code === 0 ? { passed: 1 } : failedAsAWhole(title, `It ended with ${code}; what it said stands above.`))
}

/** A runner that failed without a failed case (it crashed, it found nothing) counts as one failure. */
async function suite(title, command, extra, read) {
  const code = await run(title, command, extra)
  let figures = { passed: 0, failed: 0, skipped: 0 }
  let silence = `It ended with ${code} and no failed case; what it said stands above.`
  try {
    figures = read()
  } catch {
    silence = `It ended with ${code} and wrote no result; what it said stands above.`
  }
  count(figures)
  const isSilentFailure = figures.failed === 0 && (code !== 0 || figures.passed + figures.skipped === 0)
  if (isSilentFailure) count(failedAsAWhole(title, silence))
}

const readJson = (name) => JSON.parse(readFileSync(join(results, name), 'utf8'))

const vitest = (title, name, options) =>
  suite(title, `vitest run ${options} --reporter=json --outputFile.json=${written(name)}`, {}, () => resultsOfVitest(readJson(name), root))

await check('Types', 'npm run -s typecheck')
await check('Lint and the direction of imports', 'npm run -s lint')
await vitest('Unit and integration tests', 'unit.json', '--reporter=default')
await suite('Python', 'node scripts/pythonTests.ts', {}, () => readJson('python.json'))
// After Python's, whose environments they use.
await vitest('Documents', 'documents.json', '--config vitest.documents.config.ts --reporter=verbose')
// Alone: what it finds out about time and memory shall be the room's own doing. With the same plan each time: what differs is the change.
await suite('Five minutes of soak', `node soak/run.ts --minutes 5 --seed 102 --result ${written('soak.json')}`, {}, () => readJson('soak.json'))
await suite('End to end: browser, stand-in, desktop', 'playwright test --reporter=list,json', { PLAYWRIGHT_JSON_OUTPUT_NAME: join(results, 'e2e.json') }, () =>
  resultsOfPlaywright(readJson('e2e.json'), root),
)

process.stdout.write(tellOfFailures(allFailures))
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0)
