import { commands, streams } from '../../../src/shared/contract/contract.ts'
import type { Command, Stream } from '../../../src/shared/contract/define.ts'
import { ERROR_STATUS } from '../../../src/shared/errors.ts'
import { REST_PREFIX } from '../../../src/main/api/restRoutes.ts'
import { GENERATED, table } from './page.ts'
import type { Remarks } from './remarks.ts'
import { declared, schemaIn, shapesIn, type Shapes } from './typeText.ts'

/** Every command and stream of the contract, with what goes in and what comes out. */
export function apiPage(shapes: Shapes, remarks: Remarks): string {
  const named = new Set<string>()
  const written = (owner: string, name: string, schema: Parameters<typeof schemaIn>[1], io: 'input' | 'output'): string => {
    const node = schemaIn(shapes, schema, io)
    for (const shape of shapesIn(node)) named.add(shape)
    return declared(name, node, remarks.get(`${owner} ${name.toLowerCase()}`))
  }
  const commandText = ([name, entry]: [string, Command]): string => {
    const routes = [...(entry.http ? [withPrefix(entry.http)] : []), ...(entry.alsoAt ?? [])]
    const facts = [roleText(entry.least), ...(routes.length > 0 ? [routes.map((route) => `\`${route}\``).join(', ')] : ['WebSocket and window only'])]
    if (entry.contentType !== undefined) facts.push(`answers \`${entry.contentType}\``)
    if (entry.largestBodyBytes !== undefined) facts.push(`bodies up to ${entry.largestBodyBytes.toLocaleString('en')} bytes`)
    return section(`### \`${name}\``, entry.summary, facts.join(' · '), [written(name, 'Input', entry.input, 'input'), written(name, 'Output', entry.output, 'output')])
  }
  const streamText = ([name, entry]: [string, Stream]): string =>
    section(`### \`${name}\``, entry.summary, `${roleText(entry.least)} · WebSocket and window only`, [written(name, 'Input', entry.input, 'input'), written(name, 'Item', entry.item, 'output')])

  const domains = Map.groupBy(Object.entries(commands) as [string, Command][], ([name]) => name.split('.')[0]!)
  const chapters = [...domains].map(([domain, entries]) => `## ${domain}\n\n${entries.map(commandText).join('\n')}`)
  const followed = (Object.entries(streams) as [string, Stream][]).map(streamText)
  return [
    `# API\n\n${GENERATED}\n\n${INTRODUCTION}\n`,
    table(['Code', 'HTTP status'], Object.entries(ERROR_STATUS).map(([code, status]) => [`\`${code}\``, String(status)])),
    `\nHere: ${[...domains.keys(), 'Streams', 'Shapes'].map((domain) => `[${domain}](#${domain.toLowerCase()})`).join(', ')}.\n`,
    `${chapters.join('\n')}`,
    `## Streams\n\n${followed.join('\n')}`,
    shapesText(shapes, named, remarks),
  ].join('\n')
}

const INTRODUCTION = `Every command by name, with the least role that it asks for, its REST address, and the types of what goes in and comes out, as TypeScript
writes them. The same commands go over the WebSocket at \`/ws\` and through the window. \`/api/openapi.json\` has them for programs.

Over REST, parts of the address and, with \`GET\` and \`DELETE\`, the query carry the input; otherwise a JSON body does. A token comes as
\`Authorization: Bearer …\`. Money is a whole count of nanodollars (a dollar is 1,000,000,000), time whole milliseconds. A command that
is refused answers \`{"error": {"code", "message", "details"?}}\`. Beside the commands there are \`GET /api/health\`, \`POST /api/auth/login\` and \`POST /api/auth/logout\`.`

function withPrefix(route: string): string {
  const [method, path] = route.split(' ')
  return `${method} ${REST_PREFIX}${path}`
}

function roleText(least: string): string {
  return least === 'anyone' ? 'every role' : `role \`${least}\``
}

function section(heading: string, summary: string, facts: string, types: readonly string[]): string {
  return `${heading}\n\n${summary}\n\n${facts}\n\n\`\`\`ts\n${types.join('\n')}\n\`\`\`\n`
}

/** Those that were spoken of, and those that these speak of. */
function shapesText(shapes: Shapes, named: Set<string>, remarks: Remarks): string {
  const texts = new Map<string, string>()
  const seen = new Set<string>()
  const waiting = [...named]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const shape = shapes.get(name)
    if (seen.has(name) || !shape) continue
    seen.add(name)
    const node = schemaIn(shapes, shape, 'output')
    if (!ELSEWHERE.has(name)) texts.set(name, declared(name, node, remarks.get(name)))
    waiting.push(...shapesIn(node))
  }
  const sorted = [...texts].sort(([one], [other]) => (one < other ? -1 : 1))
  const body = sorted.map(([name, text]) => `### ${name}\n\n\`\`\`ts\n${text}\n\`\`\`\n`)
  return `## Shapes\n\n\`Json\` is any JSON value; each \`Event\` has [a page of its own](events.md).\n\n${body.join('\n')}`
}

/** What another page tells at length. */
const ELSEWHERE: ReadonlySet<string> = new Set(['Event'])
