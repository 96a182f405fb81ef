import {
  AtSign,
  Ban,
  Bug,
  CreditCard,
  Eye,
  EyeOff,
  FileLock,
  Fingerprint,
  KeyRound,
  Landmark,
  Lock,
  Network,
  OctagonX,
  Phone,
  ReceiptText,
  Settings2,
  ShieldBan,
  ShieldCheck,
  TriangleAlert,
  UnlockKeyhole,
} from '@lucide/vue'
import type { Component } from 'vue'
import type { FindingSeverity, RecordAction, RecordKind, SafetyRecord } from '../../shared/domain/safety.ts'
import type { CellMode, Direction, IncidentMode, PrivateType } from '../../shared/domain/safetyRules.ts'
import type { Tone } from '@/lib/tones.ts'

export interface Look {
  readonly word: string
  readonly icon: Component
}

export interface TonedLook extends Look {
  readonly tone: Tone
}

export const TYPE_LOOK: Record<PrivateType, Look> = {
  email: { word: 'Email', icon: AtSign },
  phone: { word: 'Phone', icon: Phone },
  ssn: { word: 'SSN', icon: Fingerprint },
  itin: { word: 'ITIN', icon: ReceiptText },
  card: { word: 'Card', icon: CreditCard },
  iban: { word: 'IBAN', icon: Landmark },
  ip: { word: 'IP address', icon: Network },
  'api-key': { word: 'API key', icon: KeyRound },
  secret: { word: 'Secret', icon: Lock },
}

export const KIND_LOOK: Record<RecordKind, Look & { readonly many: string }> = {
  private: { word: 'Private data', many: 'Private data', icon: EyeOff },
  unauthorised: { word: 'Unauthorised action', many: 'Unauthorised actions', icon: ShieldBan },
  injection: { word: 'Prompt injection', many: 'Prompt injections', icon: Bug },
  opened: { word: 'Original opened', many: 'Opened originals', icon: UnlockKeyhole },
  policy: { word: 'Rules changed', many: 'Changed rules', icon: Settings2 },
}

export const ACTION_LOOK: Record<RecordAction, TonedLook> = {
  redacted: { word: 'Redacted', tone: 'good', icon: ShieldCheck },
  blocked: { word: 'Blocked', tone: 'bad', icon: OctagonX },
  refused: { word: 'Refused', tone: 'caution', icon: Ban },
  warned: { word: 'Let through, noted', tone: 'caution', icon: TriangleAlert },
  opened: { word: 'Opened', tone: 'info', icon: Eye },
  changed: { word: 'Changed', tone: 'info', icon: FileLock },
}

export const SEVERITY_TONE: Record<FindingSeverity, Tone> = { CRITICAL: 'bad', WARN: 'caution' }

export const DIRECTION_WORDS: Record<Direction, string> = {
  'to-model': 'to the model',
  'from-model': 'from the model',
  tools: 'tools',
  terminal: 'terminal',
}

/** As column heads. */
export const DIRECTION_HEADS: Record<Direction, string> = {
  'to-model': 'To the model',
  'from-model': 'From the model',
  tools: 'Tools',
  terminal: 'Terminal',
}

export const CELL_WORDS: Record<CellMode, string> = { redact: 'Redact', block: 'Block', warn: 'Warn', off: 'Off' }
export const CELL_TONE: Record<CellMode, Tone> = { redact: 'good', block: 'bad', warn: 'caution', off: 'calm' }

export const INCIDENT_WORDS: Record<IncidentMode, { readonly word: string; readonly explanation: string }> = {
  warn: { word: 'Note down', explanation: 'The call goes on; it is only noted down.' },
  refuse: { word: 'Refuse', explanation: 'The call is refused, the agent goes on.' },
  block: { word: 'Halt the agent', explanation: 'The call is refused and the agent is halted.' },
}

const SUBJECT_WORDS: Record<string, string> = {
  model: 'Model',
  tool: 'Tool',
  host: 'Host',
  path: 'Path',
  rules: 'Rules',
  allowance: 'Not private',
  audit: 'Audit',
}

function isPrivateType(type: string): type is PrivateType {
  return Object.hasOwn(TYPE_LOOK, type)
}

/** What a record is about; of an injection, the rule that fired: `ignore-previous` → `Ignore previous`. */
export function typeWord(type: string): string {
  if (isPrivateType(type)) return TYPE_LOOK[type].word
  if (Object.hasOwn(SUBJECT_WORDS, type)) return SUBJECT_WORDS[type] ?? type
  const words = type.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function recordIcon({ kind, type }: SafetyRecord): Component {
  return kind === 'private' && isPrivateType(type) ? TYPE_LOOK[type].icon : KIND_LOOK[kind].icon
}

/** `Email`; `Prompt injection: Ignore previous`. */
export function recordTitle({ kind, type }: SafetyRecord): string {
  if (kind === 'private' || kind === 'opened') return kind === 'opened' ? `${KIND_LOOK.opened.word}: ${typeWord(type)}` : typeWord(type)
  if (kind === 'policy') return type === 'rules' ? KIND_LOOK.policy.word : typeWord(type)
  return `${KIND_LOOK[kind].word}: ${typeWord(type)}`
}

/** Types to choose from: those that a kind always has, else those that are there. */
export function typesToFilter(kind: RecordKind | null, seen: readonly string[]): string[] {
  const always: Partial<Record<RecordKind, readonly string[]>> = {
    private: Object.keys(TYPE_LOOK),
    unauthorised: ['model', 'tool', 'host', 'path'],
    policy: ['rules', 'allowance', 'audit'],
  }
  if (kind === null) return [...new Set([...Object.keys(TYPE_LOOK), ...seen])]
  return [...new Set([...(always[kind] ?? []), ...seen])]
}
