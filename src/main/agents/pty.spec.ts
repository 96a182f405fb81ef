import { expect, it } from 'vitest'
import { loadPty } from './pty.ts'

it('a terminal whose native part was never compiled says what to do', () => {
  const load = (): never => {
    throw new Error('Failed to load native module: pty.node\nRequire stack:\n- /somewhere')
  }
  expect(() => loadPty(load)).toThrow('the terminal’s native part, node-pty, is missing; compile it with "npm rebuild node-pty", once npm may run its script (Failed to load native module: pty.node)')
})
