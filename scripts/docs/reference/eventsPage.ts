import { readFileSync } from 'node:fs'
import { EVENT_PAYLOADS, type EventName } from '../../../src/shared/domain/event.ts'
import { KIND_OF_EVENT, EVENT_KINDS } from '../../../src/shared/domain/eventKinds.ts'
import { GENERATED } from './page.ts'
import { declared, schemaIn, type Shapes } from './typeText.ts'

const SOURCE = new URL('../../../src/shared/domain/event.ts', import.meta.url)

/** Every event, with what it carries; its words are those that stand above it in the source. */
export function eventsPage(shapes: Shapes): string {
  const words = remarks(readFileSync(SOURCE, 'utf8'))
  const entry = (name: EventName): string => {
    const remark = words.get(name)
    const type = declared('Payload', schemaIn(shapes, EVENT_PAYLOADS[name], 'output'))
    return [`### \`${name}\`\n`, ...(remark ? [`${remark}\n`] : []), `\`\`\`ts\n${type}\n\`\`\`\n`].join('\n')
  }
  const names = Object.keys(EVENT_PAYLOADS) as EventName[]
  const chapters = EVENT_KINDS.map((kind) => `## ${kind}\n\n${names.filter((name) => KIND_OF_EVENT[name] === kind).map(entry).join('\n')}`)
  return `# Events\n\n${GENERATED}\n\n${INTRODUCTION}\n${chapters.join('\n')}`
}

const INTRODUCTION = `What happened, in the order in which it was stored. \`GET /api/events\` gives those that are kept, the stream \`event.follow\` goes on
live from any place in the sequence, and the event log in the window shows them. Shapes with a name stand in [api.md](api.md#shapes).

Every event has the same envelope:

\`\`\`ts
type Event = { seq: number, at: Millis, severity: Severity, agentId: AgentId | null, message: string, name: string, payload: object }
\`\`\`

\`message\` is one sentence for people, without anything private in it. Names are in the past tense; what changes at most four times a
second stands under *figures*.
`

/** The doc comments above the members of EVENT_PAYLOADS. */
function remarks(source: string): Map<string, string> {
  const body = source.slice(source.indexOf('EVENT_PAYLOADS = {'))
  return new Map([...body.matchAll(/\/\*\* (.*?) \*\/\n\s+'([\w.]+)':/g)].map(([, remark, name]) => [name!, remark!]))
}
