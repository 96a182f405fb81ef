import type { IncomingMessage } from 'node:http'
import type { Millis } from '../../shared/domain/units.ts'
import type { AppError } from '../../shared/errors.ts'
import type { Clock } from '../ports.ts'
import type { Log } from '../telemetry/log.ts'
import { pathOf } from './replies.ts'

export type RefusalLog = (request: IncomingMessage, error: AppError) => void

/** A hostile page can ask a thousand times a second; the log tells it once in this time, and how often. */
const QUIET_MS = 10_000

/** Writes down who was turned away at the gate. */
export function createRefusalLog(log: Log, clock: Clock): RefusalLog {
  let saidAt: Millis | null = null
  let unsaid = 0

  return (request, error) => {
    const now = clock.now()
    // A clock that was set back keeps nobody quiet for as long.
    if (saidAt !== null && now >= saidAt && now - saidAt < QUIET_MS) {
      unsaid++
      return
    }
    log.write({
      level: 'WARN',
      event: 'api.refused',
      msg: `A request was refused. ${error.message}`,
      fields: {
        code: error.code,
        method: request.method ?? '',
        path: shortened(pathOf(request)),
        host: shortened(request.headers.host),
        origin: shortened(request.headers.origin),
        unsaidBefore: unsaid,
      },
    })
    saidAt = now
    unsaid = 0
  }
}

function shortened(text: string | undefined): string | null {
  return text === undefined ? null : text.slice(0, 200)
}
