import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LlmPlan } from '../../../shared/domain/agent.ts'
import { samplePlan } from '../../../shared/domain/testAgents.ts'
import { readRoute } from '../route.ts'
import type { Upstream } from '../upstream.ts'

/** An upstream as a server over HTTP, so that a gateway in live mode has somebody to call. */
export async function serveUpstream(
  upstream: Upstream,
  { agentId, simulation }: { agentId: string; simulation: LlmPlan['simulation'] },
): Promise<{ url: string; close(): Promise<void> }> {
  const run = { agentId, plan: samplePlan({ llm: { ...samplePlan().llm, simulation } }) }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = chunks.length > 0 ? Buffer.concat(chunks) : null
    const { method = '', url = '' } = request
    const isAnthropic = url.startsWith('/v1/messages') || request.headers['anthropic-version'] !== undefined
    const route = readRoute(method, isAnthropic ? `/run/any/anthropic${url}` : `/run/any/openai${url}`)
    if (!route) return void response.destroy()
    const { provider, endpoint, path } = route
    const json: unknown = body ? JSON.parse(body.toString()) : null
    const flow = upstream.send(
      { run, provider, endpoint, method, path, headers: request.rawHeaders, body, json },
      {
        head: (status, headers) => void response.writeHead(status, [...headers]).flushHeaders(),
        data: (chunk) => void response.write(chunk),
        end: () => void response.end(),
        problem: () => void response.destroy(),
      },
    )
    response.once('close', () => flow.abort())
  }

  const server = createServer((request, response) => void receive(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
