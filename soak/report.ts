/** What a soak is judged by, one line each. */
export interface Report {
  /** Nothing to say, or nulls, is well. */
  check(what: string, problems: readonly (string | null)[]): void
  skip(what: string, why: string): void
  audits(verdict: { readonly isWhole: boolean; readonly secrets: { readonly isWhole: boolean } } | null): void
  readonly counts: { passed: number; failed: number; skipped: number; failures: { name: string; message: string }[] }
  /** Gives whether something failed. */
  tell(say: (text: string) => void): boolean
}

/** Of a problem that is there a thousand times. */
const MOST_SHOWN = 8

export function createReport(): Report {
  const lines: string[] = []
  const counts: Report['counts'] = { passed: 0, failed: 0, skipped: 0, failures: [] }
  const report: Report = {
    counts,
    check(what, all) {
      const problems = all.filter((problem) => problem !== null)
      const more = problems.length > MOST_SHOWN ? [`… and ${problems.length - MOST_SHOWN} more`] : []
      const shown = [...problems.slice(0, MOST_SHOWN), ...more]
      if (problems.length === 0) counts.passed++
      else {
        counts.failed++
        counts.failures.push({ name: `Soak: ${what}`, message: shown.join('\n') })
      }
      lines.push(`${problems.length === 0 ? '✓' : '✗'} ${what}`, ...shown.map((problem) => `    ${problem}`))
    },
    skip(what, why) {
      counts.skipped++
      lines.push(`– ${what}: skipped, ${why}`)
    },
    audits(verdict) {
      report.check('The safety audit is as it was written', [verdict === null ? 'It could not be verified.' : verdict.isWhole ? null : JSON.stringify(verdict)])
      report.check('The audit of secrets is as it was written', [verdict === null ? 'It could not be verified.' : verdict.secrets.isWhole ? null : JSON.stringify(verdict.secrets)])
    },
    tell(say) {
      say('')
      for (const line of lines) say(line)
      say(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
      return counts.failed > 0
    },
  }
  return report
}
