import type { Permissions } from '../../../shared/domain/safetyRules.ts'
import { hostsOf, isHostAllowed } from './namedHosts.ts'
import { isPathAllowed, pathsOf } from './namedPaths.ts'
import { matchesWildcard } from './wildcard.ts'

export interface Forbidden {
  readonly type: 'host' | 'path'
  /** As it was resolved: what would really be reached. */
  readonly value: string
  /** `arguments.files[2]`; the very argument. */
  readonly place: string
}

export function modelIsAllowed({ models }: Permissions, model: string): boolean {
  return models === null || models.some((pattern) => matchesWildcard(pattern.toLowerCase(), model.toLowerCase()))
}

/** Names of tools are compared as they stand: they are identifiers. */
export function toolIsAllowed({ tools }: Permissions, name: string): boolean {
  return tools === null || tools.some((pattern) => matchesWildcard(pattern, name))
}

const DEEPEST = 64
/** One is enough to refuse a call; more than these say no more. */
const MOST_TOLD = 50

/** Hosts and paths in a tool call's arguments that the agent's file does not allow; each once, at its first place, and so many of them at most. Pure: names are not looked up, links not followed. */
export function findForbidden(permissions: Permissions, workingDirectory: string, args: unknown): readonly Forbidden[] {
  const { hosts, paths } = permissions
  if (hosts === null && paths === null) return []
  const forbidden = new Map<string, Forbidden>()
  const isEnough = (): boolean => forbidden.size >= MOST_TOLD
  const tell = (one: Forbidden): void => {
    const key = `${one.type} ${one.value}`
    if (!isEnough() && !forbidden.has(key)) forbidden.set(key, one)
  }

  const lookForHosts = (text: string, key: string, place: string): void => {
    if (hosts === null) return
    for (const host of hostsOf(text, key)) if (!isHostAllowed(hosts, host)) tell({ type: 'host', value: host.shown, place })
  }
  const look = (text: string, key: string, place: string): void => {
    lookForHosts(text, key, place)
    if (paths !== null) {
      for (const path of pathsOf(text, key, workingDirectory)) if (!isPathAllowed(paths, path)) tell({ type: 'path', value: path, place })
    }
  }

  const walk = (value: unknown, key: string, place: string, depth: number): void => {
    if (isEnough()) return
    if (typeof value === 'string') {
      const inner = depth < DEEPEST ? jsonWithin(value) : undefined
      if (inner === undefined) {
        look(value, key, place)
        return
      }
      // A key that stands there twice is read differently by different programs.
      lookForHosts(value, '', place)
      walk(inner, key, place, depth + 1)
      return
    }
    // `127.0.0.1` may be written as one number.
    if (typeof value === 'number') lookForHosts(String(value), key, place)
    if (typeof value !== 'object' || value === null) return
    // Nobody nests arguments that deep in earnest: what is not looked at is not allowed.
    if (depth >= DEEPEST) {
      tell({ type: hosts === null ? 'path' : 'host', value: '(nested too deep to be checked)', place })
      return
    }
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, key, `${place}[${String(index)}]`, depth + 1)
      return
    }
    for (const [name, item] of Object.entries(value)) {
      const inside = placeOf(place, name)
      look(name, '', inside)
      walk(item, name, inside, depth + 1)
    }
  }
  walk(args, '', 'arguments', 0)
  return [...forbidden.values()]
}

/** Arguments come as a string of JSON, and tools take JSON in strings. */
function jsonWithin(text: string): unknown {
  const first = text.trimStart()[0]
  if (first !== '{' && first !== '[') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function placeOf(parent: string, name: string): string {
  return /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? `${parent}.${name}` : `${parent}[${JSON.stringify(name.slice(0, 64))}]`
}

const SETTINGS = { model: 'allowed_models', tool: 'allowed_tools', host: 'allowed_hosts', path: 'allowed_paths' } as const
const LISTED = { model: 'models', tool: 'tools', host: 'hosts', path: 'paths' } as const
const MOST_SHOWN = 5

/** For people: what was asked for, what the file allows, what to change. */
export function describeForbidden(permissions: Permissions, type: keyof typeof SETTINGS, value: string): string {
  const allowed = permissions[LISTED[type]] ?? []
  const shown = allowed.slice(0, MOST_SHOWN).join(', ')
  const more = allowed.length > MOST_SHOWN ? ` and ${String(allowed.length - MOST_SHOWN)} more` : ''
  const allows = allowed.length === 0 ? 'none at all' : `${shown}${more}`
  return `The agent asked for the ${type} ${value}; its ${SETTINGS[type]} names ${allows}. Add it to ${SETTINGS[type]} if it is meant to be used.`
}
