import type { SecretDelivery } from '../../shared/domain/secret.ts'
import type { NewSecret } from '@/stores/secrets.ts'

export interface SecretDraft {
  readonly name: string
  readonly value: string
  readonly environment: NewSecret['environment']
  readonly delivery: SecretDelivery
  /** As typed: separated by commas, blanks or lines. */
  readonly hosts: string
}

/** The line break behind a pasted key is nobody's; those inside a certificate are. */
export function withoutLastBreak(value: string): string {
  const trimmed = value.replace(/\r?\n$/, '')
  return /[\r\n]/.test(trimmed) ? value : trimmed
}

export function hostsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((host) => host !== ''))]
}

export function isComplete({ name, value, delivery, hosts }: SecretDraft): boolean {
  return name.trim() !== '' && withoutLastBreak(value) !== '' && (delivery !== 'sealed' || hostsIn(hosts).length > 0)
}

export function toSecret({ name, value, environment, delivery, hosts }: SecretDraft): NewSecret {
  return { name: name.trim(), value: withoutLastBreak(value), environment, delivery, hosts: hostsIn(hosts) }
}
