import type { AgentStatus } from '../../shared/domain/agent.ts'
import { isAlive } from '../../shared/domain/agentStatus.ts'
import type { IncidentMode, SafetyMode } from '../../shared/domain/safetyRules.ts'
import { formatCount } from '../../shared/format.ts'
import { INCIDENT_WORDS, KIND_LOOK } from './findingLook.ts'
import { INCIDENT_KINDS, type CellChanges, type IncidentKind, type RuleOrigin } from './ruleLayers.ts'

export const ORIGIN_WORDS: Record<RuleOrigin, string> = {
  agent: 'said for this agent',
  room: 'said for all agents',
  launch: 'from its launch',
  default: 'by default',
}

/** Beside a cell, where a row has no room for more. */
export const ORIGIN_SHORT: Record<RuleOrigin, string> = { agent: 'agent', room: 'all', launch: 'launch', default: '' }

export interface Question {
  readonly title: string
  readonly description: string
  readonly action: string
  readonly isDestructive: boolean
}

/** What has to be said before an agent's mode changes; null where it may change at once. */
export function modeQuestion(name: string, status: AgentStatus, from: SafetyMode, to: SafetyMode): Question | null {
  if (from === to) return null
  if (to === 'warn') {
    return {
      title: `Let private data of ${name} through?`,
      description:
        'From now on it goes on as it is, to models, tools and the terminal, and is only noted down. What the control room keeps of it stays redacted.',
      action: 'Only note it down',
      isDestructive: true,
    }
  }
  if (to === 'block' && (isAlive(status) || status === 'restarting')) {
    return {
      title: `Halt ${name} at private data?`,
      description:
        'It is running. From now on the first private data that is found ends it, and the call in which it stands is refused. ' +
        'What it holds in memory is lost then; its last checkpoint stays.',
      action: 'Block from now on',
      isDestructive: true,
    }
  }
  return null
}

/** What a new set of rules will do, a sentence for each mode that comes to hold somewhere. */
export function changeSentences({ to }: CellChanges, isForAll: boolean): string[] {
  const whom = isForAll ? 'an agent' : 'the agent'
  const cells = (count: number): string => formatCount(count, 'cell')
  return [
    ...(to.block > 0 ? [`${cells(to.block)} to Block: what is found there halts ${whom} at once.`] : []),
    ...(to.warn > 0 ? [`${cells(to.warn)} to Warn: what is found there goes on as it is and is only noted down.`] : []),
    ...(to.off > 0 ? [`${cells(to.off)} to Off: nothing is looked for there, and nothing is noted down.`] : []),
    ...(to.redact > 0 ? [`${cells(to.redact)} to Redact: what is found there is taken out.`] : []),
  ]
}

/** What will come of actions and attempts, for each that changes. */
export function incidentSentences(before: Record<IncidentKind, IncidentMode>, after: Record<IncidentKind, IncidentMode>): string[] {
  return INCIDENT_KINDS.filter((kind) => before[kind] !== after[kind]).map((kind) => `${KIND_LOOK[kind].many}: ${INCIDENT_WORDS[after[kind]].explanation}`)
}
