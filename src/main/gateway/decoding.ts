import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'

/** Nothing that a provider says is longer; a bomb is. */
const LONGEST_DECODED = 256 * 1024 * 1024

export interface Decoder {
  write(chunk: Buffer): void
  /** Resolves when everything is through: true where all of it could be decoded. */
  end(): Promise<boolean>
  pause(): void
  resume(): void
}

/** For an upstream that compresses although nobody asked; null for a coding that nobody knows. */
export function createDecoder(coding: string, onData: (chunk: Buffer) => void): Decoder | null {
  const stream = createStream(coding)
  if (!stream) return null
  let bytes = 0
  const over = new Promise<boolean>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > LONGEST_DECODED) stream.destroy()
      else onData(chunk)
    })
    stream.on('end', () => resolve(true))
    stream.on('error', () => resolve(false))
    stream.on('close', () => resolve(false))
  })
  return {
    write(chunk) {
      if (!stream.destroyed) stream.write(chunk)
    },
    end() {
      if (!stream.destroyed) stream.end()
      return over
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
  }
}

function createStream(coding: string) {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress()
    default:
      return null
  }
}
