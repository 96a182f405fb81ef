import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestUser, type TestUser } from './testCommandLine.ts'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

/** Calls a service that always fails, and tells the room of it over its API, as an agent may. */
const AGENT = `
const { IRON_CAGE_URL: url, IRON_CAGE_AGENT_ID: id, IRON_CAGE_RUN_TOKEN: token } = process.env
const ask = async (method, path, body) => {
  const answer = await fetch(url + '/api/agents/' + id + path, { method, headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return answer.json()
}
for (let i = 0; i < 7; i++) {
  const { do: what, callId, instead } = await ask('POST', '/services/linkedin/calls', {})
  console.log(what, instead === null ? '' : String(instead.value === ['ceo', 'acme.com'].join('@')))
  if (what === 'call') await ask('POST', '/service-calls/' + callId + '/end', { outcome: 'failed', detail: '429' })
}
`
const FILE = 'services:\n  linkedin: { price: 0.10, fallback: [placeholder], placeholder: ceo@acme.com, breaker: { cooldown: 1h } }\n'

describe('iron_cage services', () => {
  it('shows what a run has left, also to the next room, and closes a breaker by hand', async () => {
    user.write('agent.mjs', AGENT)
    user.write('iron_cage.yaml', FILE)
    const { stdout, stderr, code } = await user.run(['start', 'agent.mjs'])
    expect([code, stdout.replaceAll(/ +$/gm, '')]).toEqual([0, 'call\ncall\ncall\ncall\ncall\nuse true\nuse true\n'])
    expect(stderr).toMatch(/WARN ag-[0-9a-f]{8} linkedin is failing: 5 calls in a row \(429\)\. Its calls are kept away for 1 h\./)
    const id = /ag-[0-9a-f]{8}/.exec(stderr)?.[0] ?? ''

    // What is shown and stored of the plan is another one.
    const files = readdirSync(user.dataFolder).filter((name) => name.startsWith('control-room.db'))
    expect(files.filter((name) => readFileSync(join(user.dataFolder, name)).includes('ceo@acme.com'))).toEqual([])

    const listed = await user.run(['services'])
    expect(listed.stdout).toMatch(/^AGENT +SERVICE +BREAKER +CALLS +FAILED +BLOCKED +SAVED +FALLBACK +WHY\n/)
    expect(listed.stdout).toMatch(new RegExp(`\\n${id} +linkedin +open for (1 h|59 min.*?) +5 +5 +2 calls +\\$0\\.20 saved +100% via fallback +5 calls in a row \\(429\\)\\n$`))
    expect(JSON.parse((await user.run(['services', id, '--json'])).stdout)).toMatchObject([{ agentId: id, service: 'linkedin', state: 'open', blocked: 2 }])

    expect((await user.run(['services', 'reset', 'linkedin', '--agent', id])).stdout).toBe('The breaker of linkedin is closed\n')
    expect((await user.run(['services', id])).stdout).toMatch(/linkedin +closed +5 +5/)
    expect((await user.run(['services', '--agent', 'ag-00000000'])).stdout).not.toContain(id)
  })

  it('says what is wrong with what was typed', async () => {
    expect((await user.run(['services'])).stdout).toBe('No service was called or named yet.\n')
    const told = await user.run(['services', 'linkedin'])
    expect([told.code, told.stderr]).toEqual([expect.any(Number), 'iron_cage: The agent is "linkedin", but must be an agent id such as lg-7a3f9c2d; iron_cage list shows them.\n'])
    expect(await user.run(['services', 'ag-00000000', '--agent', 'ag-11111111'])).toMatchObject({ code: 2, stderr: 'iron_cage: The agent is given twice; give it once.\n' })
    expect((await user.run(['services', 'reset', 'linkedin'])).stderr).toContain('There is no breaker of linkedin of the room.')
  })
})
