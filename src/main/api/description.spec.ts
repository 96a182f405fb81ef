import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../shared/contract/contract.ts'
import { openApi, type Api } from './openApi.ts'
import { inputSchemaOf, restRoutes } from './restRoutes.ts'
import { ask } from './testHttp.ts'
import { createTestRoom, type TestRoom } from './testRoom.ts'

interface Operation {
  operationId: string
  summary: string
  parameters?: { name: string; in: string; required: boolean; schema: unknown }[]
  requestBody?: { required: boolean; content: { 'application/json': { schema: { properties: Record<string, unknown>; required: string[] } } } }
  responses: Record<string, { $ref?: string; content?: unknown }>
  security?: unknown[]
}
interface Description {
  openapi: string
  info: { title: string; version: string }
  security: unknown[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> }
}

let test: TestRoom
let api: Api
let description: Description

beforeAll(async () => {
  test = await createTestRoom()
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3' })
  const answer = await ask(api.port, '/api/openapi.json')
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
  description = JSON.parse(answer.text)
})
afterAll(async () => {
  await api.close()
  await test.remove()
})

const operations = (): [string, string, Operation][] =>
  Object.entries(description.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => [path, method, operation] as [string, string, Operation]))

/** Every node of the document with where it stands. */
function* walk(node: unknown, place = '#'): Generator<[string, Record<string, unknown>]> {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) yield [place, node as Record<string, unknown>]
  for (const [key, child] of Object.entries(node)) yield* walk(child, `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
}

describe('the OpenAPI description', () => {
  it('says which OpenAPI and which version it is', () => {
    expect([description.openapi, description.info]).toEqual(['3.1.0', { title: 'Iron Cage Control Room', version: '1.2.3' }])
  })

  it('has every address of the contract, health and the sign-in, and nothing else', () => {
    const expected = restRoutes().map((route) => `${route.method.toLowerCase()} ${route.path.replace(/:(\w+)/g, '{$1}')}`)
    expect(operations().map(([path, method]) => `${method} ${path}`).sort()).toEqual(['get /api/health', 'post /api/auth/login', 'post /api/auth/logout', ...expected].sort())
  })

  it('names each operation once, with the sentence of the contract', () => {
    const ids = operations().map(([, , operation]) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [name, command] of Object.entries(commands)) {
      if ('http' in command) expect(operations().find(([, , operation]) => operation.operationId === name)?.[2].summary).toBe(command.summary)
    }
  })

  it('declares exactly the parameters that a path has, all of them required', () => {
    for (const [path, , operation] of operations()) {
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect([path, declared.map((parameter) => `{${parameter.name}}`)]).toEqual([path, path.match(/\{\w+\}/g) ?? []])
      expect(declared.every((parameter) => parameter.required)).toBe(true)
    }
  })

  it('has a place for every key of every input: path, query or body', () => {
    for (const route of restRoutes()) {
      const operation = description.paths[route.path.replace(/:(\w+)/g, '{$1}')]![route.method.toLowerCase()]!
      const body = operation.requestBody?.content['application/json'].schema
      const keys = [...(operation.parameters ?? []).map((parameter) => parameter.name), ...Object.keys(body?.properties ?? {})]
      const input = inputSchemaOf(route.command)
      expect([route.name, keys.sort()]).toEqual([route.name, Object.keys(input.properties).sort()])
      const required = [...(operation.parameters ?? []).filter((parameter) => parameter.required).map((parameter) => parameter.name), ...(body?.required ?? [])]
      expect([route.name, required.sort()]).toEqual([route.name, input.required.sort()])
      if (route.method === 'GET') expect(operation.requestBody).toBeUndefined()
    }
  })

  const FILES: Record<string, string> = { 'cost.export': 'text/csv', 'audit.exportCsv': 'text/csv', 'event.exportCsv': 'text/csv', 'event.exportJsonLines': 'application/x-ndjson', 'audit.exportJsonLines': 'application/x-ndjson', 'secret.auditCsv': 'text/csv', 'secret.auditJsonLines': 'application/x-ndjson', 'metrics.read': 'text/plain', 'metrics.read.metrics': 'text/plain' }

  it('gives every parameter a schema, and every answer and refusal a shape', () => {
    for (const [path, , operation] of operations()) {
      for (const parameter of operation.parameters ?? []) expect(parameter.schema).toEqual(expect.any(Object))
      const type = FILES[operation.operationId ?? ''] ?? 'application/json'
      expect(operation.responses['200']).toMatchObject({ description: expect.any(String), content: { [type]: { schema: expect.any(Object) } } })
      if (path !== '/api/health') expect(operation.responses['default']).toEqual({ $ref: '#/components/responses/Error' })
    }
  })

  it('tells in words who may ask', () => {
    const told = (name: string): unknown => (operations().find(([, , operation]) => operation.operationId === name)?.[2] as { description?: string } | undefined)?.description
    expect([told('user.add'), told('agent.list'), told('secret.get')]).toEqual([
      'Needs the role admin.',
      'Needs the role viewer.',
      'For every role; what is answered depends on it.',
    ])
  })

  it('says what a file is, and what it is called', () => {
    const answerOf = (path: string): unknown => description.paths[`/api/audit/${path}`]!['get']!.responses['200']
    expect(answerOf('export.jsonl')).toMatchObject({ description: 'Done; a file to be saved as audit.jsonl.' })
    expect(answerOf('export.csv')).toMatchObject({ description: 'Done; a file to be saved as audit.csv.' })
    const { responses } = description.paths['/api/costs/export']!['get']!
    expect(responses['200']).toEqual({
      description: 'Done; a file to be saved as costs.csv.',
      headers: { 'Content-Disposition': { schema: { type: 'string' } } },
      content: { 'text/csv': { schema: { type: 'string' } } },
    })
  })

  it('has no reference that leads nowhere, and no leftover of another document', () => {
    const nodes = new Map(walk(description))
    for (const [place, node] of nodes) {
      expect([place, '$defs' in node, '$schema' in node]).toEqual([place, false, false])
      if (typeof node['$ref'] === 'string') expect([place, node['$ref'], nodes.has(node['$ref'])]).toEqual([place, node['$ref'], true])
    }
    expect([...nodes.values()].filter((node) => '$ref' in node).length).toBeGreaterThan(0)
  })

  it('asks for a token everywhere but at health and the sign-in', () => {
    expect(description.security).toEqual([{ bearer: [] }, { session: [] }])
    expect(Object.keys(description.components.securitySchemes)).toEqual(['bearer', 'session'])
    expect(operations().filter(([, , operation]) => operation.security).map(([path]) => path)).toEqual(['/api/health', '/api/auth/login'])
  })

  it('holds nothing of this machine', () => {
    expect(JSON.stringify(description)).not.toContain(test.room.dataFolder)
    expect(JSON.stringify(description)).not.toContain(test.ownerToken)
  })
})
