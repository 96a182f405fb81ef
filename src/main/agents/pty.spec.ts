import { expect, it } from 'vitest'
import { loadPty, spawnPty } from './pty.ts'

it('a terminal whose native part was never compiled says what to do', () => {
  const load = (): never => {
    throw new Error('Failed to load native module: pty.node\nRequire stack:\n- /somewhere')
  }
  expect(() => loadPty(load)).toThrow('the terminal’s native part, node-pty, is missing; compile it with "npm rebuild node-pty", once npm may run its script (Failed to load native module: pty.node)')
})

it.runIf(process.platform !== 'win32')('far more than a terminal holds reaches a process that takes its time, whole and in order', async () => {
  const script = 'stty -echo; echo ready; n=0; while read -r line; do [ "$line" = "line $n of what is typed" ] || echo "wrong: $line"; n=$((n+1)); done; echo "read $n lines"'
  const agent = spawnPty({ command: ['/bin/sh', '-c', script], workingDirectory: '/', environment: { PATH: process.env['PATH'] ?? '' }, size: { columns: 80, rows: 24 } })
  let shown = ''
  const exit = new Promise((resolve) => agent.onExit(resolve))
  await new Promise<void>((resolve) => {
    agent.onData((data) => {
      shown += data
      if (shown.includes('ready')) resolve()
    })
  })
  agent.write(Array.from({ length: 3_000 }, (_none, index) => `line ${index} of what is typed\n`).join(''))
  agent.write('\u0004')
  expect(await exit).toEqual({ code: 0, signal: null })
  expect(shown).toBe('ready\r\nread 3000 lines\r\n')
})
