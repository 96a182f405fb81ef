import { hash } from 'node:crypto'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { CallId } from '../../../shared/domain/llm.ts'
import { findInjections } from '../../safety/injection/findInjections.ts'
import type { SafetyDesk } from '../../safety/desk/safetyDesk.ts'
import type { IncomingText } from './incomingTexts.ts'
import { SLICE_BYTES } from './requestBody.ts'

/** Looks for injected orders in what came in, each text once: the history of later calls repeats it. */
export interface InjectionWatch {
  /** Null where the call may go on, else a sentence to refuse it with. */
  look(agentId: AgentId, callId: CallId, texts: readonly IncomingText[]): Generator<void, string | null>
}

const MOST_AGENTS = 256
const MOST_TEXTS = 4_096
/** Longer than what any rule reads at once. */
const OVERLAP = 1_024
const AROUND = 40
const LONGEST_EXCERPT = 240

export function createInjectionWatch(desk: SafetyDesk): InjectionWatch {
  /** What was looked through and went on, by agent; the oldest is forgotten first. */
  const passed = new Map<AgentId, Set<string>>()

  function passedOf(agentId: AgentId): Set<string> {
    const known = passed.get(agentId) ?? new Set()
    passed.delete(agentId)
    passed.set(agentId, known)
    if (passed.size > MOST_AGENTS) passed.delete(passed.keys().next().value!)
    return known
  }

  return {
    *look(agentId, callId, texts) {
      if (texts.length === 0) return null
      const known = passedOf(agentId)
      let refusal: string | null = null
      let spent = 0
      for (const { text, place, direction } of texts) {
        spent += text.length
        if (spent > SLICE_BYTES) {
          spent = 0
          yield
        }
        const digest = hash('sha256', text, 'base64')
        if (known.has(digest)) continue
        const rules = new Map<string, string>()
        for (let at = 0; at < text.length; at += SLICE_BYTES) {
          const slice = text.slice(at, at + SLICE_BYTES + OVERLAP)
          for (const { rule, start, end } of findInjections(slice)) {
            if (!rules.has(rule)) rules.set(rule, slice.slice(Math.max(0, start - AROUND), end + AROUND).slice(0, LONGEST_EXCERPT))
          }
          if (text.length > SLICE_BYTES) yield
        }
        let isRefused = false
        for (const [rule, excerpt] of rules) {
          const sentence = desk.report({ agentId, callId, kind: 'injection', type: rule, direction, place, excerpt })
          isRefused ||= sentence !== null
          refusal ??= sentence
        }
        // What was refused is so again whenever it comes.
        if (isRefused) continue
        known.add(digest)
        if (known.size > MOST_TEXTS) known.delete(known.values().next().value!)
      }
      return refusal
    },
  }
}
