import { randomBytes } from 'node:crypto'
import type { Secrets } from './deeds.ts'

/** One secret of the agents' environment, with ever new values. */
export function createSecrets(): Secrets {
  const values: string[] = []
  let id: string | null = null
  const next = (): string => {
    // Known from before it is sent: whatever becomes of the request, nobody may find it.
    values.push(`invented-${randomBytes(18).toString('base64url')}`)
    return values.at(-1)!
  }
  return {
    values,
    async create(room) {
      const made = (await room.ask('POST', '/api/secrets', { name: 'SOAK_STORE_KEY', value: next(), environment: 'development' })) as { id: string } | null
      id = made?.id ?? null
      if (id === null) throw new Error('The room kept no secret.')
    },
    async rotate(room) {
      if (id !== null) await room.ask('PUT', `/api/secrets/${id}`, { value: next() })
    },
  }
}
