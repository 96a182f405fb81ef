import type { Severity } from '../../shared/domain/event.ts'

/** Blue, yellow, red, as in every log; the word stands beside it. */
export const SEVERITY_TEXT: Record<Severity, string> = {
  DEBUG: 'text-calm',
  INFO: 'text-info',
  WARN: 'text-caution',
  ERROR: 'text-bad',
}
