import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createScreen } from './terminalText.ts'

function sitBefore(isErrorsTerminal = true) {
  const shown: string[] = []
  const stream = (isTTY: boolean): PassThrough & { isTTY: boolean } => {
    const made = Object.assign(new PassThrough(), { isTTY })
    made.on('data', (data: Buffer) => shown.push(data.toString()))
    return made
  }
  const screen = createScreen({ stdout: stream(true), stderr: stream(isErrorsTerminal), environment: { NO_COLOR: '1' } })
  return { screen, text: () => shown.splice(0).join('') }
}

it('begins a note on a line of its own', async () => {
  const { screen, text } = sitBefore()
  await screen.out('Name? ')
  screen.note('a note')
  await screen.out('line\n')
  screen.note('another')
  await screen.flush()
  expect(text()).toBe('Name? \na note\nline\nanother\n')
})

it('draws no note into a full screen: it waits until the screen is given back', async () => {
  const { screen, text } = sitBefore()
  screen.setRaw(true)
  await screen.out('\u001b[?1049h~\r\n')
  screen.note('first')
  await screen.out('~\r\n')
  screen.note('second')
  expect(text()).toBe('\u001b[?1049h~\r\n~\r\n')
  await screen.out('\u001b[?1049l')
  expect(text()).toBe('\u001b[?1049l\r\nfirst\r\nsecond\r\n')
  screen.note('third')
  expect(text()).toBe('third\r\n')
})

it('takes the screen back from a program that ended without giving it back', async () => {
  const { screen, text } = sitBefore()
  await screen.out('\u001b[?1049h\u001b[?25l~')
  screen.note('it was killed')
  text()
  screen.takeBack()
  expect(text()).toBe('\u001b[?1049l\u001b[?25hit was killed\n')
  screen.takeBack()
  await screen.flush()
  expect(text()).toBe('')
})

it('keeps no note that is read elsewhere waiting', async () => {
  const { screen, text } = sitBefore(false)
  await screen.out('\u001b[?1049h')
  screen.note('to a file')
  expect(text()).toBe('\u001b[?1049hto a file\n')
})
