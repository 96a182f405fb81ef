import { isUtf8 } from 'node:buffer'
import { AppError } from '../../shared/errors.ts'

/** Null where the bytes are no UTF-8. */
export function textOf(value: Buffer): string | null {
  return isUtf8(value) ? value.toString('utf8') : null
}

/** The bytes of a text that was typed or sent. */
export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  throw new AppError('INVALID_INPUT', 'The value holds half a character (an unpaired surrogate), which would not come back as it is.')
}
