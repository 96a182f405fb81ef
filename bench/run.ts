import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, platform } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Figure } from './figure.ts'
import { FIGURES, figuresOf, type BenchName } from './figures.ts'

/** Runs the benches one after the other: `node bench/run.ts [name…] [--write]`. Only `--write` writes, the tables of README.md. */

const NAMES = Object.keys(FIGURES) as BenchName[]
const README = join(import.meta.dirname, 'README.md')
const PAGE = join(import.meta.dirname, '../out/renderer/index.html')

interface Result {
  readonly name: BenchName
  readonly figures: readonly Figure[]
  /** What else the machine had to do when it began. */
  readonly load: number
}

/** The bench's own tables pass through; its last line is for us. */
async function run(name: BenchName): Promise<Result> {
  const load = loadavg()[0] ?? 0
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let report: unknown
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"bench":')) report = JSON.parse(line)
    else console.log(line)
  }
  const [code] = await ended
  if (code !== 0) throw new Error(`bench/${name}.ts ended with exit code ${code}.`)
  if (report === undefined) throw new Error(`bench/${name}.ts ended without its report, the line of JSON.`)
  return { name, figures: figuresOf(name, report), load }
}

const verdict = ({ isMet }: Figure): string => (isMet === null ? '–' : isMet ? 'met' : 'missed')

function tableOf({ figures, load }: Result): string {
  const day = new Date().toISOString().slice(0, 10)
  const processors = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`
  return [
    `${day}; ${platform()}, ${processors}, Node ${process.versions.node}, load ${load.toFixed(1)} at the beginning.`,
    '',
    '| What | Measured | Ratio | Goal | |',
    '|---|---|---|---|---|',
    ...figures.map((figure) => `| ${figure.what} | ${figure.figure} | ${figure.ratio} | ${figure.goal} | ${verdict(figure)} |`),
  ].join('\n')
}

function write(results: readonly Result[]): void {
  let text = readFileSync(README, 'utf8')
  for (const result of results) {
    const [begin, end] = [`<!-- ${result.name} -->\n`, `\n<!-- end of ${result.name} -->`]
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
    if (from < begin.length || to < 0) {
      throw new Error(`bench/README.md has no place for ${result.name}: it needs the lines "${begin.trim()}" and "${end.trim()}".`)
    }
    text = text.slice(0, from) + tableOf(result) + text.slice(to)
  }
  writeFileSync(README, text)
}

const asked = process.argv.slice(2)
const isWriting = asked.includes('--write')
const names = asked.filter((word) => word !== '--write')
const unknown = names.filter((name) => !(NAMES as string[]).includes(name))
if (unknown.length > 0) {
  console.error(`There is no bench "${unknown.join('", "')}"; there are ${NAMES.join(', ')}, and --write.`)
  process.exit(2)
}
if (!existsSync(PAGE)) {
  console.error('The bundles are not built; run "npm run build" first, or "npm run bench", which does.')
  process.exit(2)
}

const results: Result[] = []
for (const name of NAMES.filter((one) => names.length === 0 || names.includes(one))) {
  console.log(`\n── ${name}`)
  results.push(await run(name))
}
console.log('\n── Summary')
console.table(
  results
    .flatMap(({ figures }) => figures)
    .map((figure) => ({ What: figure.what, Measured: figure.figure, Ratio: figure.ratio, Goal: figure.goal, '': verdict(figure) })),
)
if (isWriting) write(results)
