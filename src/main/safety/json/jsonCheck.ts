import type { AgentId } from '../../../shared/domain/agent.ts'
import type { JsonValue } from '../../../shared/errors.ts'
import type { SafetyDesk } from '../desk/safetyDesk.ts'
import { withEdits } from '../scan/withEdits.ts'
import { withMarkers, type SinkRedactor } from '../sinkRedactor.ts'
import { replaceStrings, scanString } from './replaceStrings.ts'

/** For JSON that an agent shows or keeps. */
export interface JsonCheck {
  /** As the agent's rules let it pass, judged and written down in the direction `tools`; `root` is what places begin with. */
  judge(agentId: AgentId, root: string, document: JsonValue): Promise<JudgedJson>
  /** As our own sinks may have it: without anything private, whatever the agent's rules say. */
  clean(document: JsonValue): Promise<JsonValue>
}

export interface JudgedJson {
  readonly value: JsonValue
  /** Set where nothing of it may go on. Its agent is being halted. */
  readonly blocked: string | null
  /** What was found, each type once. */
  readonly types: readonly string[]
}

export interface JsonCheckOptions {
  readonly desk: Pick<SafetyDesk, 'scannerFor' | 'judge'>
  readonly sink: Pick<SinkRedactor, 'scanner'>
}

export function createJsonCheck({ desk, sink }: JsonCheckOptions): JsonCheck {
  return {
    async judge(agentId, root, document) {
      const scanner = desk.scannerFor(agentId)
      const types = new Set<string>()
      let blockedBy: string | null = null
      const value = await replaceStrings(document, root, async (one) => {
        const matches = await scanString(scanner, one)
        if (matches.length === 0 || blockedBy !== null) return one.text
        for (const { type } of matches) types.add(type)
        const place = withMarkers(one.place, sink.scanner().scan(one.place))
        const { edits, blocked } = desk.judge({ agentId, callId: null, direction: 'tools', place, text: one.text, base: 0, matches })
        blockedBy = blocked
        return withEdits(one.text, edits)
      })
      return { value, blocked: blockedBy, types: [...types] }
    },
    clean: (document) => replaceStrings(document, '', async (one) => withMarkers(one.text, await scanString(sink.scanner(), one))),
  }
}
