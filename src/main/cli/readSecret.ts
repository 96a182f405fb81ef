import { AppError } from '../../shared/errors.ts'
import { SHORTEST_PASSPHRASE } from '../secrets/keyFile.ts'
import { PASSPHRASE_VARIABLE } from '../secrets/openKeys.ts'
import type { CommandContext } from './context.ts'
import { INTERRUPTED, readHidden } from './readPassword.ts'

type Terminal = Pick<CommandContext, 'stdin' | 'screen'>

/** All that standard input holds, or one line from a prompt that shows nothing. Never from the command line, which others can read. */
export async function readSecretValue({ stdin, screen }: Terminal, name: string): Promise<string | typeof INTERRUPTED> {
  if (!stdin.isTTY) return withoutLineEnd(await readText(stdin))
  screen.note(`Value of ${name} (nothing is shown while you type; for several lines send a file: < value.txt):`)
  return readHidden(stdin)
}

/** The line's end that a shell adds is not part of a value of one line; one of several lines stays as it is. */
function withoutLineEnd(text: string): string {
  const end = text.indexOf('\n')
  return end === text.length - 1 && end >= 0 ? text.slice(0, end).replace(/\r$/, '') : text
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
export function passphraseAsker({ stdin, screen }: Terminal): (() => Promise<string | null>) | null {
  if (!stdin.isTTY) return null
  return async () => {
    screen.note('Passphrase of the master key (nothing is shown while you type):')
    const typed = await readHidden(stdin)
    return typed === INTERRUPTED ? null : typed
  }
}

/** From the environment, or twice from a prompt. */
export async function readNewPassphrase({ stdin, screen, environment }: Terminal & Pick<CommandContext, 'environment'>): Promise<string | typeof INTERRUPTED> {
  const given = environment[PASSPHRASE_VARIABLE]
  if (given !== undefined && given !== '') return given
  if (!stdin.isTTY) throw new AppError('INVALID_INPUT', `Set ${PASSPHRASE_VARIABLE} to the new passphrase, or run this in a terminal, which asks for it.`)
  screen.note(`New passphrase, of at least ${SHORTEST_PASSPHRASE} characters (nothing is shown while you type):`)
  const first = await readHidden(stdin)
  if (first === INTERRUPTED) return INTERRUPTED
  screen.note('Once more:')
  const second = await readHidden(stdin)
  if (second === INTERRUPTED || second === first) return second
  throw new AppError('INVALID_INPUT', 'These were two different passphrases; nothing was made, try again.')
}
