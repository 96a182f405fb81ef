import type { IncomingMessage } from 'node:http'
import { headerOf } from './headers.ts'

/** The body as it came; null where it is longer than allowed, or where the agent hung up over it. */
export function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer | 'too-large' | null> {
  return new Promise((resolve) => {
    if (Number(headerOf(request.rawHeaders, 'content-length') ?? 0) > mostBytes) {
      resolve('too-large')
      return
    }
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > mostBytes) {
        // What still comes is let run out, so that the sender gets to read why.
        chunks.length = 0
        resolve('too-large')
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    request.on('close', () => resolve(null))
    request.on('error', () => resolve(null))
  })
}
