import { createScanner } from './scan/createScanner.ts'
import { secretValuesIn } from './desk/secretVariables.ts'
import { createSinkRedactor, withholding } from './sinkRedactor.ts'

/** What a defect says where no room is open, to whoever may hand it on as a report: without what is private in it, and without values of this environment that are secret. */
export function describeDefect(said: string, environment: Readonly<Record<string, string | undefined>>): string {
  const sink = createSinkRedactor(createScanner)
  sink.knowSecrets(secretValuesIn(environment))
  return withholding(sink.redact)(said)
}
