import { AppError } from '../../shared/errors.ts'
import { SHORTEST_PASSPHRASE } from '../secrets/keyFile.ts'
import { PASSPHRASE_VARIABLE } from '../secrets/openKeys.ts'
import type { CommandContext } from './context.ts'
import { INTERRUPTED, Interrupted, readHidden } from './readPassword.ts'

type Terminal = Pick<CommandContext, 'stdin' | 'screen'>

/** All that standard input holds, or one line from a prompt that shows nothing. Never from the command line, which others can read. */
export async function readSecretValue(terminal: Terminal, name: string): Promise<string | typeof INTERRUPTED> {
  const { stdin } = terminal
  if (!stdin.isTTY) return withoutLineEnd(await readText(stdin))
  return readHidden(terminal, `Value of ${name} (nothing is shown while you type; for several lines send a file: < value.txt):`)
}

/** The line's end that a shell adds, and the mark that Windows puts first, are not part of a value of one line; one of several lines stays as it is. */
function withoutLineEnd(text: string): string {
  const end = text.indexOf('\n')
  if (end >= 0 && end < text.length - 1) return text
  const line = text.replace(/^\ufeff/, '')
  return end < 0 ? line : line.slice(0, -1).replace(/\r$/, '')
}

/** As text: what is not UTF-8 would not come back as it was. */
export async function readText(stdin: NodeJS.ReadStream): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stdin) pieces.push(Buffer.from(piece as Buffer))
  return decoded(Buffer.concat(pieces))
}

export function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new AppError('INVALID_INPUT', 'What was sent is no UTF-8 text; encode it first, as with base64.')
  }
}

/** Null where nobody sits there who could be asked. */
export function passphraseAsker(terminal: Terminal): (() => Promise<string | null>) | null {
  if (!terminal.stdin.isTTY) return null
  return async () => {
    const typed = await readHidden(terminal, 'Passphrase of the master key (nothing is shown while you type):')
    if (typed === INTERRUPTED) throw new Interrupted()
    return typed
  }
}

/** From the environment, or twice from a prompt. */
export async function readNewPassphrase(context: Terminal & Pick<CommandContext, 'environment'>): Promise<string | typeof INTERRUPTED> {
  const { stdin, environment } = context
  const given = environment[PASSPHRASE_VARIABLE]
  if (given !== undefined && given !== '') return given
  if (!stdin.isTTY) throw new AppError('INVALID_INPUT', `Set ${PASSPHRASE_VARIABLE} to the new passphrase, or run this in a terminal, which asks for it.`)
  const first = await readHidden(context, `New passphrase, of at least ${SHORTEST_PASSPHRASE} characters (nothing is shown while you type):`)
  if (first === INTERRUPTED) return INTERRUPTED
  const second = await readHidden(context, 'Once more:')
  if (second === INTERRUPTED || second === first) return second
  throw new AppError('INVALID_INPUT', 'These were two different passphrases; nothing was made, try again.')
}
