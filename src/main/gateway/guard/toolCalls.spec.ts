import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, createTestGateway, MESSAGE, type TestGateway } from '../testGateway.ts'
import { answerJson, startStream } from '../testUpstream.ts'
import { ALLOWED, anthropicArguments, chatArguments, responsesArguments, written } from './testStreams.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(() => test.close())

function playing(...chunks: (string | Buffer)[]): void {
  test.upstream.script = (response) => {
    startStream(response)
    for (const chunk of chunks) response.write(chunk)
    response.end()
  }
}

describe('a tool that the model wants called', () => {
  const call = async (dialect: typeof chatArguments, pieces: readonly string[]): Promise<string> => {
    playing(...written(dialect.events(pieces)))
    return (await ask(test[dialect.provider] + dialect.path, dialect.request)).text
  }
  const dialects = [['chat completions', chatArguments], ['responses', responsesArguments], ['messages', anthropicArguments]] as const

  it.each(dialects)('and that the file allows goes on, byte by byte: %s', async (_name, dialect) => {
    test.safety.permissions = { ...ALLOWED, tools: ['send_*'], hosts: ['*.example.com'], paths: ['/srv/invented'] }
    const pieces = ['{"url":"https://a.', 'example.com/x","file":"/srv/', 'invented/a.txt"}']
    expect(await call(dialect, pieces)).toBe(Buffer.concat(written(dialect.events(pieces))).toString())
    expect(test.safety.incidents).toEqual([])
  })

  it.each(dialects)('and that the file does not allow is never heard of: %s', async (_name, dialect) => {
    test.safety.permissions = { ...ALLOWED, tools: ['read_*'] }
    const text = await call(dialect, ['{"to":', '"somebody"}'])
    expect([text.includes('send_mail'), text.includes('somebody'), text.includes('"error"')]).toEqual([false, false, true])
    expect(test.safety.incidents).toMatchObject([{ kind: 'unauthorised', type: 'tool', direction: 'tools', excerpt: 'send_mail' }])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'unauthorised' }])
  })

  it.each(dialects)('with a host that the file does not allow is never heard of: %s', async (_name, dialect) => {
    test.safety.permissions = { ...ALLOWED, hosts: ['*.example.com'] }
    const text = await call(dialect, ['{"url":"https://', 'evil.exam', 'ple.org/x"}'])
    expect([text.includes('evil'), text.includes('https'), text.includes('"error"')]).toEqual([false, false, true])
    expect(test.safety.incidents).toMatchObject([{ type: 'host' }])
  })

  it('goes on where the rules only warn', async () => {
    test.safety.permissions = { ...ALLOWED, tools: ['read_*'], paths: ['/srv/invented'] }
    test.safety.unauthorised = 'warn'
    const pieces = ['{"file":"/etc/', 'passwd"}']
    expect(await call(chatArguments, pieces)).toBe(Buffer.concat(written(chatArguments.events(pieces))).toString())
    expect(test.safety.incidents.map(({ type }) => type)).toEqual(['tool', 'path'])
  })

  it('is judged in a whole answer too', async () => {
    test.safety.permissions = { ...ALLOWED, tools: ['read_*'] }
    const content = [{ type: 'tool_use', id: 'toolu_invented', name: 'send_mail', input: { to: 'somebody' } }]
    test.upstream.script = (response) => answerJson(response, { id: 'msg_invented', model: 'claude-sonnet-4-5', content, usage: { input_tokens: 1, output_tokens: 1 } })
    const answer = await ask(`${test.anthropic}/v1/messages`, MESSAGE)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([403, { error: { type: 'permission_error' } }])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'unauthorised', usage: { input: 1, output: 1 } }])
  })
})
