import { expect, it } from 'vitest'
import { recordId, sampleRecord } from '../../state/testAudit.ts'
import { tellFindings, tellInjectionRefused } from './sentences.ts'

it.each([
  ['tools', 'messages[1].tool_calls[0].function.arguments', 'An email address was redacted in a tool call.'],
  ['tools', 'checkpoint.mail', 'An email address was redacted in a checkpoint.'],
  ['tools', 'progress.unit', 'An email address was redacted in its progress.'],
  ['to-model', 'messages[0].content', 'An email address was redacted in a request.'],
  ['from-model', 'choices[0].message.content', 'An email address was redacted in an answer.'],
  ['terminal', 'terminal', 'An email address was redacted in the terminal.'],
] as const)('says where something was found: %s %s', (direction, place, sentence) => {
  expect(tellFindings([sampleRecord({ id: recordId(1), type: 'email', action: 'redacted', direction, place })])).toBe(sentence)
})

it('says of orders that they came in', () => {
  expect(tellInjectionRefused('new-role', 'tools')).toMatch(/^Something in what a tool answered reads like orders to the model \(rule new-role\)/)
  expect(tellInjectionRefused('new-role', 'to-model')).toMatch(/^Something in a request reads like orders/)
})
