import { describe, expect, it } from 'vitest'
import { anthropicDialect } from './anthropic.ts'
import { openAiDialect } from './openai.ts'
import { meterOf, streamed } from './testMeters.ts'

describe('why an answer ended', () => {
  it('is told by each choice of a chat, whole and streamed', () => {
    const whole = meterOf(openAiDialect, 'chat/completions')
    whole.body({ choices: [{ message: {}, finish_reason: 'stop' }, { message: {}, finish_reason: 'length' }] })
    expect(whole.finishReasons()).toEqual(['stop', 'length'])
    const stream = meterOf(openAiDialect, 'chat/completions')
    streamed(stream, { choices: [{ delta: {}, finish_reason: null }] }, { choices: [{ delta: {}, finish_reason: 'tool_calls' }] })
    expect(stream.finishReasons()).toEqual(['tool_calls'])
  })

  it('is how a response stands in the end, or why it is incomplete', () => {
    const done = meterOf(openAiDialect, 'responses')
    streamed(done, { type: 'response.created', response: { status: 'in_progress' } })
    expect(done.finishReasons()).toEqual([])
    streamed(done, { type: 'response.completed', response: { status: 'completed' } })
    expect(done.finishReasons()).toEqual(['completed'])
    const cut = meterOf(openAiDialect, 'responses')
    cut.body({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] })
    expect(cut.finishReasons()).toEqual(['max_output_tokens'])
  })

  it('is said once by a message, whole and streamed', () => {
    const whole = meterOf(anthropicDialect, 'messages')
    whole.body({ content: [], stop_reason: 'end_turn' })
    expect(whole.finishReasons()).toEqual(['end_turn'])
    const stream = meterOf(anthropicDialect, 'messages')
    expect(stream.finishReasons()).toEqual([])
    streamed(stream, { type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: {} })
    expect(stream.finishReasons()).toEqual(['max_tokens'])
  })
})
