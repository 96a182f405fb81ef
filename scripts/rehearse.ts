import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** The demo's rehearsal: ten whole runs through the runtime, then ten through the window. `npm run rehearse` */

const RUNS = '10'
const root = join(import.meta.dirname, '..')

function run(title: string, script: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<boolean> {
  console.log(`\n── ${title}`)
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, script), ...words], { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
    child.on('exit', (code) => resolve(code === 0))
    child.on('error', () => resolve(false))
  })
}

// At Ctrl-C the one that runs ends and cleans up by itself, and the next does not begin.
let isInterrupted = false
process.on('SIGINT', () => {
  isInterrupted = true
})

const isAlikeInRoom = await run('Through the runtime', 'out/main/cli.js', ['demo', '--rehearse', RUNS])
if (isInterrupted) process.exit(130)
const words = ['test', 'e2e/rehearsal.spec.ts', '--project', 'browser', '--project', 'desktop']
const isAlikeInWindow = await run('Through the window', 'node_modules/@playwright/test/cli.js', words, { IRON_CAGE_REHEARSALS: RUNS })

const verdict = (isAlike: boolean): string => (isAlike ? 'all alike' : 'NOT alike')
console.log(`\nThrough the runtime: ${verdict(isAlikeInRoom)}. Through the window: ${verdict(isAlikeInWindow)}.`)
process.exit(isInterrupted ? 130 : isAlikeInRoom && isAlikeInWindow ? 0 : 1)
