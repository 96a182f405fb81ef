import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { LeastRole } from '../../shared/domain/roles.ts'
import { ERROR_STATUS } from '../../shared/errors.ts'
import { LOGIN_PATH, LoginInput, LoginOutput, LOGOUT_PATH } from './login.ts'
import { fileNameOf, inputSchemaOf, mediaTypeOf, restRoutes, type JsonSchema, type RestRoute } from './restRoutes.ts'

/** The API in words that tools understand: OpenAPI 3.1, out of the contract. */
export function describeApi(version: string): JsonSchema {
  const components = createComponents()
  const paths: Record<string, Record<string, unknown>> = {
    '/api/health': {
      get: {
        operationId: 'health',
        summary: 'Tells that the room is there.',
        security: [],
        responses: { 200: jsonAnswer('It is.', HEALTH) },
      },
    },
    [LOGIN_PATH]: {
      post: {
        operationId: 'auth.login',
        summary: 'Signs in with name and password; the token lasts twelve hours. A page of the room itself gets its cookie with it.',
        description: 'Open to everybody; limited for each name and each address.',
        tags: ['auth'],
        security: [],
        requestBody: { required: true, content: { 'application/json': { schema: schemaOf(LoginInput) } } },
        responses: { 200: jsonAnswer('Signed in.', schemaOf(LoginOutput)), default: { $ref: '#/components/responses/Error' } },
      },
    },
    [LOGOUT_PATH]: {
      post: {
        operationId: 'auth.logout',
        summary: 'Ends the sign-in that the request comes with, at once: its token, its cookie and its open WebSockets.',
        description: inWords('anyone'),
        tags: ['auth'],
        responses: { 200: jsonAnswer('Signed out.', { type: 'object', properties: {} }), default: { $ref: '#/components/responses/Error' } },
      },
    },
  }
  for (const route of restRoutes()) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, components) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Iron Cage Control Room', version },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The token in "owner.token", one of a sign-in or of an agent\'s run, or an API token (ic_…).' },
        session: { type: 'apiKey', in: 'cookie', name: 'iron_cage_{port}', description: 'A browser that has signed in.' },
      },
      schemas: { ...components.schemas, Error: ERROR },
      responses: { Error: jsonAnswer('The request was refused, or failed.', { $ref: '#/components/schemas/Error' }) },
    },
  }
}

function inWords(least: LeastRole): string {
  return least === 'anyone' ? 'For every role; what is answered depends on it.' : `Needs the role ${least}.`
}

function schemaOf(schema: z.ZodType): JsonSchema {
  return createComponents().adopt(z.toJSONSchema(schema) as JsonSchema)
}

const HEALTH: JsonSchema = {
  type: 'object',
  properties: { status: { const: 'ok' }, version: { type: 'string' } },
  required: ['status', 'version'],
}

const ERROR: JsonSchema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string', enum: Object.keys(ERROR_STATUS) },
        message: { type: 'string', description: 'One sentence for people.' },
        details: {},
      },
      required: ['code', 'message'],
    },
  },
  required: ['error'],
}

function operation(route: RestRoute, components: Components): JsonSchema {
  const { properties, required, ...rest } = components.adopt(inputSchemaOf(route.command)) as ReturnType<typeof inputSchemaOf>
  const hasBody = route.method !== 'GET' && route.method !== 'DELETE'
  const inPath = (name: string): boolean => route.parameters.includes(name)
  const others = Object.keys(properties).filter((name) => !inPath(name))
  const parameter = (name: string): JsonSchema => ({
    name,
    in: inPath(name) ? 'path' : 'query',
    required: required.includes(name),
    schema: properties[name],
  })
  const parameters = [...route.parameters, ...(hasBody ? [] : others)].map(parameter)
  return {
    operationId: route.isPrimary ? route.name : `${route.name}.${route.path.replace(/\W+/g, '_').replace(/^_/, '')}`,
    summary: route.command.summary,
    description: inWords(route.command.least),
    tags: [route.name.split('.')[0]],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(hasBody && others.length > 0
      ? {
          requestBody: {
            required: others.some((name) => required.includes(name)),
            content: {
              'application/json': {
                schema: {
                  ...rest,
                  properties: Object.fromEntries(others.map((name) => [name, properties[name]])),
                  required: required.filter((name) => !inPath(name)),
                },
              },
            },
          },
        }
      : {}),
    responses: {
      200: answerOf(route, components.adopt(z.toJSONSchema(route.command.output, { io: 'output' }) as JsonSchema)),
      default: { $ref: '#/components/responses/Error' },
    },
  }
}

function answerOf({ command: { contentType }, path }: RestRoute, schema: JsonSchema): JsonSchema {
  if (contentType === undefined) return jsonAnswer('Done.', schema)
  return {
    description: `Done; a file to be saved as ${fileNameOf(path, contentType)}.`,
    headers: { 'Content-Disposition': { schema: { type: 'string' } } },
    content: { [mediaTypeOf(contentType)]: { schema } },
  }
}

function jsonAnswer(description: string, schema: JsonSchema): JsonSchema {
  return { description, content: { 'application/json': { schema } } }
}

interface Components {
  readonly schemas: Record<string, unknown>
  /** The schema with its own definitions moved to the components, where references inside one document can reach them. */
  adopt(schema: JsonSchema): JsonSchema
}

function createComponents(): Components {
  const schemas: Record<string, unknown> = {}
  return {
    schemas,
    adopt({ $schema: _dialect, $defs, ...schema }) {
      const definitions = Object.entries(($defs ?? {}) as Record<string, unknown>)
      const names = new Map<string, string>()
      for (const [name, definition] of definitions) {
        names.set(name, nameFor(name, definition, schemas))
        schemas[names.get(name)!] ??= definition
      }
      for (const [name, definition] of definitions) schemas[names.get(name)!] = pointTo(definition, names)
      return pointTo(schema, names) as JsonSchema
    },
  }
}

/** zod gives definitions no lasting names; equal ones share one of ours. */
function nameFor(name: string, definition: unknown, schemas: Record<string, unknown>): string {
  for (let number = 1; ; number++) {
    const candidate = `Shared${number}`
    const moved = pointTo(definition, new Map([[name, candidate]]))
    if (!(candidate in schemas) || isDeepStrictEqual(schemas[candidate], moved)) return candidate
  }
}

function pointTo(node: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(node)) return node.map((child) => pointTo(child, names))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, child]) => {
      const name = key === '$ref' && typeof child === 'string' ? names.get(child.replace('#/$defs/', '')) : undefined
      return [key, name === undefined ? pointTo(child, names) : `#/components/schemas/${name}`]
    }),
  )
}
