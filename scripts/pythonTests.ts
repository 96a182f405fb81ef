// Everything that is checked in Python: style, types, and the tests under each version of Python that this machine has.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { resultsOfPytest, type Failure } from './testResults.ts'
import { findInterpreters, pythonEnvironment, type EnvironmentName, type Interpreter, type PythonEnvironment } from './pythonEnvironments.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'resources', 'python')
const results = join(root, '.cache', 'results')
const total = { passed: 0, failed: 0, skipped: 0, failures: [] as Failure[] }
mkdirSync(results, { recursive: true })

function run(title: string, program: string, args: readonly string[]): Promise<number> {
  process.stdout.write(`\n── ${title}\n`)
  return new Promise((resolve) => {
    // Bytecode of what is shipped has no place beside it.
    const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], env: environment })
    child.on('exit', (code) => resolve(code ?? 1))
    child.on('error', () => resolve(1))
  })
}

async function check(title: string, python: string, args: readonly string[]): Promise<void> {
  const code = await run(title, python, ['-m', ...args])
  if (code === 0) total.passed++
  else failAsAWhole(title, code)
}

function failAsAWhole(title: string, code: number): void {
  total.failed++
  total.failures.push({ name: title, message: `It ended with ${code}; what it said stands above.` })
}

/** A run that failed without a failed case (it crashed, it found nothing) counts as one failure. */
async function suite(title: string, python: string, name: string, args: readonly string[]): Promise<void> {
  const report = join(results, `python-${name}.xml`)
  rmSync(report, { force: true })
  const code = await run(title, python, ['-m', 'pytest', '-p', 'no:cacheprovider', '-q', '-rs', `--junitxml=${report}`, ...args])
  const { passed, failed, skipped, failures } = resultsOfPytest(existsSync(report) ? readFileSync(report, 'utf8') : '', root)
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  total.failures.push(...failures.map((failure) => ({ ...failure, name: `${title}: ${failure.name}` })))
  if (failed === 0 && (code !== 0 || passed + skipped === 0)) failAsAWhole(title, code)
}

async function environmentFor(name: EnvironmentName, interpreter: Interpreter | undefined): Promise<PythonEnvironment> {
  process.stdout.write(`· Python ${interpreter?.version ?? ''}: the ${name} environment …\n`)
  const made = await pythonEnvironment(name, interpreter)
  if (made.missing !== null) {
    total.skipped++
    process.stdout.write(`  skipped: ${made.missing}\n`)
  }
  return made
}

const [first, ...others] = await findInterpreters()

const sdk = await environmentFor('sdk', first)
if (sdk.python !== null) {
  // The demo's agent stands in a folder without settings of its own.
  const ruff = ['--no-cache', '--config', 'pyproject.toml', '.', '../demo']
  await check('Python: style', sdk.python, ['ruff', 'check', ...ruff])
  await check('Python: format', sdk.python, ['ruff', 'format', '--check', ...ruff])
  await check('Python: types', sdk.python, ['mypy', '--cache-dir', join(root, '.cache', 'mypy')])
  await check('Python: types of the examples', sdk.python, ['mypy', '--exclude', 'examples/crews', '--cache-dir', join(root, '.cache', 'mypy'), 'examples'])
  await check('Python: types of the demo', sdk.python, ['mypy', '--cache-dir', join(root, '.cache', 'mypy'), '../demo'])
  await suite(`Python ${first?.version}: the SDK with its clients and frameworks`, sdk.python, 'sdk', ['tests', '--ignore=tests/crew'])
}
const crew = existsSync(join(folder, 'tests', 'crew')) ? await environmentFor('crew', first) : null
if (crew && crew.python !== null) {
  // mypy stands in the other environment, CrewAI in this one; what else the SDK knows is not in it.
  const types = ['mypy', '--python-executable', crew.python, '--follow-imports', 'silent', '--cache-dir', join(root, '.cache', 'mypy-crew')]
  if (sdk.python !== null) await check('Python: types of the examples with CrewAI', sdk.python, [...types, 'examples/crews'])
  await suite(`Python ${first?.version}: crews`, crew.python, 'crew', ['tests/crew'])
}
for (const other of others) {
  const core = await environmentFor('core', other)
  if (core.python !== null) await suite(`Python ${other.version}: the SDK alone`, core.python, `core-${other.version}`, ['tests', '--ignore=tests/crew', '-m', 'not room'])
}

writeFileSync(join(results, 'python.json'), JSON.stringify(total))
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0)
