import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { preparedKey } from './preparedKey.ts'

/** What was sealed cannot be opened: it was changed, belongs elsewhere, or was sealed with another key. */
export class EnvelopeError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'EnvelopeError'
  }
}

const ALGORITHM = 'aes-256-gcm'
/** The first byte of what this version seals; it is authenticated with the rest. */
const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + NONCE_BYTES

/** AES-256-GCM: version, nonce, ciphertext, tag. The context says what it is and whose: it opens nowhere else. */
export function seal(key: Buffer, plain: string | Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, preparedKey(key), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associated(VERSION, context))
  const body = cipher.update(typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain)
  cipher.final()
  return Buffer.concat([Buffer.of(VERSION), nonce, body, cipher.getAuthTag()])
}

export function open(key: Buffer, sealed: Buffer, context: string): Buffer {
  if (sealed.length < HEAD_BYTES + TAG_BYTES) {
    throw new EnvelopeError(`What was sealed is cut: it has ${sealed.length} bytes, and at least ${HEAD_BYTES + TAG_BYTES} were expected.`)
  }
  const version = sealed[0] as number
  if (version !== VERSION) throw new EnvelopeError(`What was sealed begins with version ${version}; this program knows version ${VERSION}.`)
  const decipher = createDecipheriv(ALGORITHM, preparedKey(key), sealed.subarray(1, HEAD_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(associated(version, context))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  const plain = decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES))
  try {
    decipher.final()
  } catch {
    plain.fill(0)
    throw new EnvelopeError('What was sealed cannot be opened: it was changed, belongs elsewhere, or was sealed with another master key.')
  }
  return plain
}

function associated(version: number, context: string): Buffer {
  return Buffer.concat([Buffer.of(version), Buffer.from(context, 'utf8')])
}
