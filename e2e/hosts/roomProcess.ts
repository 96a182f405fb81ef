import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The built bundles need what a shell gives and nothing of the test runner's own. */
export function plainEnvironment(dataFolder: string, more: Record<string, string> = {}): Record<string, string> {
  const kept = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'SystemRoot', 'DISPLAY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR', 'XAUTHORITY']
  const environment = Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
  return { ...environment, IRON_CAGE_HOME: dataFolder, IRON_CAGE_PORT: '0', IRON_CAGE_KEYCHAIN: 'off', ...more }
}

export interface PublishedInstance {
  readonly pid: number
  readonly url: string
  readonly port: number
}

/** Where the room that owns a data folder is reached; null while it has not said so. */
export function readInstance(dataFolder: string): PublishedInstance | null {
  try {
    const instance = JSON.parse(readFileSync(join(dataFolder, 'instance.json'), 'utf8')) as Partial<PublishedInstance>
    return instance.pid && instance.url && instance.port ? (instance as PublishedInstance) : null
  } catch {
    return null
  }
}

export function ownerToken(dataFolder: string): string {
  return readFileSync(join(dataFolder, 'owner.token'), 'utf8').trim()
}

/** Asks the room's REST door as its owner. */
export async function askAsOwner(dataFolder: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const instance = readInstance(dataFolder)
  if (!instance) throw new Error('No room is reachable in this data folder.')
  const response = await fetch(`${instance.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${ownerToken(dataFolder)}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  return response.json()
}
