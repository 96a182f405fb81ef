import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestBridge, BOOTSTRAP, TOKEN } from '../src/main/agents/bridge/testBridge.ts'
import { median, now, rounded } from './measure.ts'

/**
 * What our bootstrap adds to the start of an agent in Python that does nothing, beside the same program without it, in turns.
 * `node bench/bootstrap.ts [rounds]`
 */

const ROUNDS = Number(process.argv[2] ?? 60)
const PROGRAM = 'pass'

const room = await createTestBridge()
const cache = mkdtempSync(join(tmpdir(), 'iron-cage-bench-'))
// pyenv and its like stand in front of the interpreter with a script of their own.
const python = (await outputOf('python3', ['-c', 'import sys; print(sys.executable)'])).trim()
const bare = { PATH: process.env['PATH'], PYTHONPYCACHEPREFIX: cache }
const ours = { ...bare, PYTHONPATH: BOOTSTRAP, IRON_CAGE_BRIDGE: room.path, IRON_CAGE_RUN_TOKEN: TOKEN }
const unwritable = { PYTHONPYCACHEPREFIX: join(cache, 'nothing'), PYTHONDONTWRITEBYTECODE: '1' }

async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let output = ''
  for await (const chunk of child.stdout) output += String(chunk)
  await closed
  return output
}

async function startMs(environment: NodeJS.ProcessEnv): Promise<number> {
  const begin = now()
  const [code] = await once(spawn(python, ['-c', PROGRAM], { env: environment, stdio: 'ignore' }), 'exit')
  if (code !== 0) throw new Error(`${python} ended with ${code}.`)
  return now() - begin
}

const plain: number[] = []
const added: number[] = []
const ratios: number[] = []
const addedUncompiled: number[] = []
try {
  // The first round fills the caches of the operating system, and compiles.
  for (let round = 0; round <= ROUNDS; round++) {
    const without = await startMs(bare)
    const with_ = await startMs(ours)
    const uncompiled = await startMs({ ...ours, ...unwritable })
    const withoutUncompiled = await startMs({ ...bare, ...unwritable })
    if (round === 0) continue
    plain.push(without)
    added.push(with_ - without)
    ratios.push(with_ / without)
    addedUncompiled.push(uncompiled - withoutUncompiled)
  }
} finally {
  await room.close()
  rmSync(cache, { recursive: true })
}

const version = (await outputOf(python, ['-c', 'import platform; print(platform.python_version())'])).trim()
const report = {
  bench: 'bootstrap',
  rounds: ROUNDS,
  version,
  plainMs: rounded(median(plain)),
  addedMs: rounded(median(added)),
  ratio: rounded(median(ratios)),
  addedUncompiledMs: rounded(median(addedUncompiled)),
}
console.log(`python3 -c pass takes ${report.plainMs} ms under Python ${version}; the bootstrap adds ${report.addedMs} ms, ${report.addedUncompiledMs} ms where nothing compiled is kept.`)
console.log(JSON.stringify(report))
