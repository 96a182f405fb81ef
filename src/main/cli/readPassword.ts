import { text as readText } from 'node:stream/consumers'
import { Password } from '../../shared/contract/accounts.ts'
import { AppError } from '../../shared/errors.ts'
import type { CommandContext } from './context.ts'

/** Somebody pressed Ctrl-C. */
export const INTERRUPTED = Symbol('interrupted')

/** The same, where a command is in the middle of something that is to be undone on the way out. */
export class Interrupted extends Error {}

/** A new password: twice from a prompt that shows nothing, or once as the first line of standard input. Never from the command line, which others can read. */
export async function readNewPassword(context: Pick<CommandContext, 'stdin' | 'screen'>, name: string): Promise<string | typeof INTERRUPTED> {
  const { stdin } = context
  if (!stdin.isTTY) return requireFitting(firstLine(await readText(stdin)))
  const first = await readHidden(context, `Password for ${name} (nothing is shown while you type):`)
  if (first === INTERRUPTED) return INTERRUPTED
  requireFitting(first)
  const second = await readHidden(context, 'Once more:')
  if (second === INTERRUPTED || second === first) return second
  throw new AppError('INVALID_INPUT', 'These were two different passwords; nothing was changed, try again.')
}

/** The one that holds, and a new one: from the prompt, or as the first two lines of standard input. */
export async function readPasswordChange(context: Pick<CommandContext, 'stdin' | 'screen'>, name: string): Promise<{ current: string; password: string } | typeof INTERRUPTED> {
  const { stdin } = context
  if (!stdin.isTTY) {
    const [current = '', password = ''] = linesIn(await readText(stdin))
    return { current, password: requireFitting(password) }
  }
  const current = await readHidden(context, `The password of ${name} as it is (nothing is shown while you type):`)
  if (current === INTERRUPTED) return INTERRUPTED
  const password = await readNewPassword(context, name)
  return password === INTERRUPTED ? INTERRUPTED : { current, password }
}

function firstLine(text: string): string {
  return linesIn(text)[0] ?? ''
}

function linesIn(text: string): string[] {
  return text.split('\n').map((line) => line.replace(/\r$/, ''))
}

function requireFitting(password: string): string {
  if (password === '') throw new AppError('INVALID_INPUT', 'No password was given: type it at the prompt, or send it as the first line of standard input.')
  const { success } = Password.safeParse(password)
  if (success) return password
  throw new AppError('INVALID_INPUT', 'That password does not fit: it has to have 12 to 200 characters.')
}

const ENTER = /[\r\n\u0004]/
const BACKSPACE = /[\b\u007f]/
/** Ctrl-U: the whole line anew. */
const CLEAR = '\u0015'
const CTRL_C = '\u0003'

/** One line, of which nothing is shown: the terminal is quiet before it asks. */
export function readHidden({ stdin, screen }: Pick<CommandContext, 'stdin' | 'screen'>, question: string): Promise<string | typeof INTERRUPTED> {
  return new Promise((resolve) => {
    let typed: string[] = []
    const finish = (answer: string | typeof INTERRUPTED): void => {
      stdin.off('data', take)
      stdin.off('end', end)
      stdin.setRawMode(false)
      stdin.pause()
      resolve(answer)
    }
    const end = (): void => finish(typed.join(''))
    const take = (piece: string): void => {
      // What was pasted behind the end of the line belongs to nothing.
      for (const character of piece) {
        if (character === CTRL_C) return finish(INTERRUPTED)
        if (ENTER.test(character)) return end()
        if (BACKSPACE.test(character)) typed.pop()
        else if (character === CLEAR) typed = []
        else typed.push(character)
      }
    }
    stdin.setRawMode(true)
    stdin.setEncoding('utf8')
    stdin.on('data', take)
    stdin.once('end', end)
    stdin.resume()
    screen.note(question)
  })
}
