import { expect, it } from 'vitest'
import { maskedArguments } from './maskedArguments.ts'

const redact = (text: string): string => text.replaceAll('ceo@acme.test', '[EMAIL_REDACTED]')

it.each([
  [['--to', 'ceo@acme.test', 'plain'], ['--to', '[EMAIL_REDACTED]', 'plain']],
  [['--api-key', 'hunter2', '--verbose'], ['--api-key', '[MASKED]', '--verbose']],
  [['--db-password=hunter2', '-token', 'x'], ['--db-password=[MASKED]', '-token', '[MASKED]']],
  [['--apikey=a', '--APIKEY', 'b'], ['--apikey=[MASKED]', '--APIKEY', '[MASKED]']],
  [['--max-tokens', '500', '--monkey', 'x', 'key', 'y'], ['--max-tokens', '500', '--monkey', 'x', 'key', 'y']],
  [['--password', '--quiet', 'x'], ['--password', '--quiet', 'x']],
  [['--to=ceo@acme.test', '--key'], ['--to=[EMAIL_REDACTED]', '--key']],
])('shows %j as %j', (args, shown) => {
  expect(maskedArguments(args, redact)).toEqual(shown)
})
