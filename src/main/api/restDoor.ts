import type { FastifyInstance } from 'fastify'
import type { Router } from '../router/router.ts'
import { sendFile, sendJson } from './replies.ts'
import { restInput } from './restInput.ts'
import { fileNameOf, inputSchemaOf, restRoutes } from './restRoutes.ts'

/** A route per command of the contract; which commands there are, this door does not know. */
export function addRestRoutes(app: FastifyInstance, router: Router): void {
  for (const { name, command, method, path } of restRoutes()) {
    let known: ReturnType<typeof inputSchemaOf>['properties'] | null = null
    // Made when it is asked for: all of them are a tenth of a start.
    const propertiesOf = (): NonNullable<typeof known> => (known ??= inputSchemaOf(command).properties)
    app.route({
      method,
      url: path,
      config: { command: name },
      ...(command.largestBodyBytes ? { bodyLimit: command.largestBodyBytes } : {}),
      handler: async (request, reply) => {
        const input = restInput(
          { params: request.params as Record<string, unknown>, query: request.query as Record<string, unknown>, body: request.body },
          propertiesOf(),
        )
        const output = await router.request(name, input, request.caller!)
        if (command.contentType === undefined) return sendJson(reply, output)
        return sendFile(reply, output as string, command.contentType, fileNameOf(path, command.contentType))
      },
    })
  }
}

/** Which methods a path has; to tell a wrong method from a wrong path. */
export function methodsAt(path: string): string[] {
  const parts = path.split('/')
  const methods = restRoutes()
    .filter((route) => {
      const pattern = route.path.split('/')
      return pattern.length === parts.length && pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
    })
    .map((route) => route.method)
  return [...new Set(methods)]
}
