import type { FindingSeverity, Risk } from './safety.ts'
import type { PrivateType } from './safetyRules.ts'

interface TypeFacts {
  /** What stands in a text in place of what was found. */
  readonly marker: string
  readonly risk: Risk
  readonly severity: FindingSeverity
  /** With its article, for sentences. */
  readonly called: string
}

/** No schema here: the renderer uses it too. */
export const PRIVATE_TYPES: Readonly<Record<PrivateType, TypeFacts>> = {
  email: { marker: '[EMAIL_REDACTED]', risk: 'HIGH', severity: 'CRITICAL', called: 'an email address' },
  phone: { marker: '[PHONE_REDACTED]', risk: 'MEDIUM', severity: 'WARN', called: 'a phone number' },
  ssn: { marker: '[SSN_REDACTED]', risk: 'HIGH', severity: 'CRITICAL', called: 'a social security number' },
  itin: { marker: '[ITIN_REDACTED]', risk: 'HIGH', severity: 'CRITICAL', called: 'a taxpayer number' },
  card: { marker: '[CARD_REDACTED]', risk: 'HIGH', severity: 'CRITICAL', called: 'a card number' },
  iban: { marker: '[IBAN_REDACTED]', risk: 'HIGH', severity: 'CRITICAL', called: 'a bank account' },
  ip: { marker: '[IP_REDACTED]', risk: 'LOW', severity: 'WARN', called: 'an IP address' },
  'api-key': { marker: '[SECRET_REDACTED]', risk: 'HIGH', severity: 'CRITICAL', called: 'an API key' },
  secret: { marker: '[SECRET_REDACTED]', risk: 'HIGH', severity: 'CRITICAL', called: 'a secret' },
}
