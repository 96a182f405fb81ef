import type { AgentId } from '../../shared/domain/agent.ts'
import type { AllowanceKind, SafetyRecord } from '../../shared/domain/safety.ts'
import { messageOf } from '../../shared/errors.ts'
import { formatTokens } from '../../shared/format.ts'
import type { AllowancePreview, NewAllowance } from '@/stores/allowances.ts'

export interface AllowanceDraft {
  readonly kind: AllowanceKind
  /** As it was typed. */
  readonly value: string
  readonly isForAll: boolean
}

export const KIND_CHOICES: Record<AllowanceKind, { readonly word: string; readonly explanation: string; readonly example: string }> = {
  value: { word: 'This value', explanation: 'Exactly this, wherever it stands.', example: 'press@company.example' },
  domain: { word: 'Its whole domain', explanation: 'Every address at this domain and below it.', example: '@company.example' },
  pattern: { word: 'A pattern', explanation: 'Every value in which this regular expression is found; ^ and $ tie it to both ends.', example: '^ORD-[0-9]+$' },
}

/** Only addresses have a domain, and a secret that was handed to an agent is let through by its very value only. */
export function kindsFor(record: SafetyRecord | null): AllowanceKind[] {
  if (record?.type === 'secret') return ['value']
  return record === null || record.type === 'email' ? ['value', 'domain', 'pattern'] : ['value', 'pattern']
}

/** A finding whose original is kept says what it was; else somebody has to. */
export function needsValue(record: SafetyRecord | null, kind: AllowanceKind): boolean {
  return kind === 'pattern' || !record?.hasOriginal
}

export function draftProblem(draft: AllowanceDraft, record: SafetyRecord | null): string | null {
  if (!needsValue(record, draft.kind)) return null
  const value = draft.value.trim()
  if (value === '') return `Write it as it stands, such as ${KIND_CHOICES[draft.kind].example}.`
  if (draft.kind === 'domain' && !/^@?[^\s@]+\.[^\s@]+$/.test(value)) return 'Write a domain such as @company.example.'
  return draft.kind === 'pattern' ? patternProblem(value) : null
}

function patternProblem(value: string): string | null {
  try {
    new RegExp(value, 'u')
    return null
  } catch (problem) {
    return `This is no regular expression: ${messageOf(problem)}.`
  }
}

export function toAllowance(draft: AllowanceDraft, record: SafetyRecord | null, agentId: AgentId): NewAllowance {
  return {
    agentId: draft.isForAll ? null : agentId,
    kind: draft.kind,
    ...(needsValue(record, draft.kind) ? { value: draft.value.trim() } : {}),
    ...(record === null ? {} : { findingId: record.id }),
  }
}

export function previewSentence({ compared, matching }: AllowancePreview): string {
  if (compared === 0) return 'There are no recorded findings to compare it with.'
  const whole = `${formatTokens(compared)} recorded ${compared === 1 ? 'finding' : 'findings'}`
  if (matching === 0) return `It would have let through none of ${whole}.`
  return `It would have let through ${formatTokens(matching)} of ${whole}.`
}
