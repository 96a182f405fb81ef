import type { Redactor } from '../telemetry/log.ts'
import type { LedgerEntry, State } from './repositories.ts'

/** What reaches the database past the events: their bus has a redactor of its own. */
export function redactingState(state: State, redact: Redactor): State {
  const { apiTokens, ledger, recentScripts } = state
  return {
    ...state,
    apiTokens: { ...apiTokens, add: (token, tokenHash) => apiTokens.add({ ...token, label: redact(token.label) }, tokenHash) },
    ledger: { ...ledger, append: (entries) => ledger.append(entries.map((entry) => redactedEntry(entry, redact))) },
    recentScripts: {
      ...recentScripts,
      // A path that may not be written down cannot be offered again; with a marker in it, it would lead nowhere.
      touch: async (script, at) => {
        if (redact(script) === script) await recentScripts.touch(script, at)
      },
    },
  }
}

/** A model's name is whatever an agent has asked for, a reason whatever somebody has typed. */
function redactedEntry(entry: LedgerEntry, redact: Redactor): LedgerEntry {
  if (entry.kind === 'reserve') return { ...entry, model: redact(entry.model) }
  if (entry.kind === 'raise') return { ...entry, reason: redact(entry.reason) }
  return entry
}
