import { z } from 'zod'
import { commands, type CommandName } from '../../shared/contract/contract.ts'
import type { Command, HttpRoute } from '../../shared/contract/define.ts'

export const REST_PREFIX = '/api'

/** One address of one command. */
export interface RestRoute {
  readonly name: CommandName
  readonly command: Command
  readonly method: string
  /** As in the contract, parameters as `:name`: `/api/agents/:agentId/status`. */
  readonly path: string
  readonly parameters: readonly string[]
  /** Whether this is the contract's first spelling. */
  readonly isPrimary: boolean
}

export function restRoutes(): RestRoute[] {
  return (Object.entries(commands) as [CommandName, Command][]).flatMap(([name, command]) => [
    ...(command.http ? [routeOf(name, command, command.http, REST_PREFIX)] : []),
    ...(command.alsoAt ?? []).map((route) => routeOf(name, command, route, '')),
  ])
}

function routeOf(name: CommandName, command: Command, route: HttpRoute, prefix: string): RestRoute {
  const [method = '', bare = ''] = route.split(' ')
  const path = prefix + bare
  const parameters = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!)
  return { name, command, method, path, parameters, isPrimary: prefix !== '' }
}

/** What an answer that is no JSON is called once it is saved: `costs.csv`, after the first word of its path, and its ending or else its content type. */
export function fileNameOf(path: string, contentType: string): string {
  const [word = 'answer'] = path.replace(`${REST_PREFIX}/`, '/').split('/').filter((part) => part !== '')
  const type = mediaTypeOf(contentType).split('/')[1]
  return `${word}.${/\.(\w+)$/.exec(path)?.[1] ?? (type === 'plain' ? 'txt' : type)}`
}

/** Without its parameters: `text/csv`. */
export function mediaTypeOf(contentType: string): string {
  return contentType.split(';')[0]!.trim()
}

export type JsonSchema = Record<string, unknown>

/** What a caller may write, as JSON Schema. */
export function inputSchemaOf(command: Command): JsonSchema & { properties: Record<string, JsonSchema>; required: string[] } {
  const schema = z.toJSONSchema(command.input, { io: 'input' }) as JsonSchema
  return {
    ...schema,
    properties: (schema['properties'] ?? {}) as Record<string, JsonSchema>,
    required: (schema['required'] ?? []) as string[],
  }
}
