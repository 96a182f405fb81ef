import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestUser, type TestUser } from './testCommandLine.ts'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

/** Asks as an unmodified script would, with nothing but what its environment tells it. */
const ASKING = `
import json, os, sys, urllib.error, urllib.request
def ask(model, prompt='Say hello.', most=50):
    body = {'model': model, 'max_tokens': most, 'messages': [{'role': 'user', 'content': prompt}]}
    headers = {'Authorization': 'Bearer ' + os.environ['OPENAI_API_KEY'], 'Content-Type': 'application/json'}
    request = urllib.request.Request(os.environ['OPENAI_BASE_URL'] + '/chat/completions', json.dumps(body).encode(), headers)
    try:
        answer = json.load(urllib.request.urlopen(request))
        print('answered', answer['usage']['total_tokens'] > 0, flush=True)
    except urllib.error.HTTPError as error:
        print('refused', error.code, json.load(error)['error']['message'], flush=True)
`
/** One GPT-4 call may cost up to 50 output tokens and its few input tokens: a third of a cent. */
const script = (calls: string): string => `${ASKING}\n${calls}\n`

describe('iron_cage start with a script that asks a model', () => {
  it('needs no key, and ends with what was spent', async () => {
    user.write('agent.py', script("ask('gpt-4')\nask('gpt-4')\nask('gpt-3.5-turbo')\nask('gpt-unheard-of')"))
    const { code, stdout, stderr } = await user.run(['start', 'agent.py', '--budget', '5'])
    expect(stdout).toMatch(/^answered True\nanswered True\nanswered True\nrefused 4\d\d .*gpt-unheard-of.*\n$/)
    expect(stderr).toMatch(/INFO ag-[0-9a-f]{8} LLM answers are simulated, for no API key and no upstream is known: .*\n/)
    expect(stderr.match(/LLM answers are simulated/g)).toHaveLength(1)
    const [, summary = ''] = stderr.split(/, 0 survivors\n/)
    expect(summary).toMatch(/^\$0\.\d+ of \$5\.00 spent \(\d\.\d%\) in 3 calls, \$0\.\d+ avg\/call\n/)
    expect(summary).toMatch(/\n {2}gpt-4 +\$0\.\d+ {2}2 calls, \d+ tokens in, \d+ out\n/)
    expect(summary).toMatch(/\n {2}gpt-3\.5-turbo +\$0\.\d+ {2}1 call, \d+ tokens in, \d+ out\n/)
    expect(summary).toMatch(/\n1 call refused: 1 a model without a price\n$/)
    expect(code).toBe(0)
  })

  it('charges what a file of prices says, which lies where it was typed', async () => {
    user.write('prices.yaml', 'gpt-unheard-of:\n  contextTokens: 8000\n  mostOutputTokens: 4000\n  prices: { input: "1000", output: "2000" }\n')
    user.write('agent.py', script("ask('gpt-unheard-of')"))
    const { stdout, stderr } = await user.run(['start', 'agent.py', '--prices', 'prices.yaml'], {
      // As npm runs it: somewhere else than where the user is.
      folder: tmpdir(),
      environment: { npm_lifecycle_event: 'iron_cage', INIT_CWD: user.folder },
    })
    expect(stdout).toBe('answered True\n')
    expect(stderr).toMatch(/\n {2}gpt-unheard-of {2}\$0\.\d+ {2}1 call/)
  })

  it('tells programs the same as one object', async () => {
    user.write('agent.py', script("ask('gpt-4')"))
    const { stderr } = await user.run(['start', 'agent.py', '--log-format', 'json'])
    const last = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { spent: number }
    expect(last).toMatchObject({ event: 'agent.costs', calls: 1, limit: 100_000_000_000, estimated: 0, models: [{ key: 'gpt-4', calls: 1 }] })
    expect(last.spent).toBeGreaterThan(0)
  })

  it('ends with a code of its own when the budget is used up, and says what to do', async () => {
    user.write('agent.py', script("while True: ask('gpt-4')"))
    const { code, stderr } = await user.run(['start', 'agent.py', '--budget', '0.01'])
    expect(code).toBe(120)
    expect(stderr).toMatch(/ag-[0-9a-f]{8} went over its budget after /)
    expect(stderr).toMatch(/\n\$0\.00\d+ of \$0\.01 spent \(\d\d\.\d%\)/)
    expect(stderr).toMatch(/gpt-4: refused, \d+ ms \(Of the budget/)
    expect(stderr).toMatch(/\nagent\.py was ended because its budget of \$0\.01 is used up: start it again with a larger one, such as --budget [\d.]+\.\n$/)
  })

  it('ends it in the room of somebody else too, when that is asked for', async () => {
    user.write('agent.py', script("while True: ask('gpt-4')"))
    const room = user.start(['serve', '--port', '0'])
    await room.until('stdout', /listening/)
    const { code, stderr } = await user.run(['start', 'agent.py', '--budget', '0.01', '--at-limit', 'end'])
    expect(code).toBe(120)
    expect(stderr).toContain('was ended because its budget of $0.01 is used up')
  })
})

describe('a call that waits for a decision', () => {
  it('goes on when the budget is raised from another terminal, and is refused when that is declined', async () => {
    user.write('agent.py', script("ask('gpt-4', most=200)\nask('gpt-4', most=200)"))
    const room = user.start(['serve', '--port', '0'])
    await room.until('stdout', /listening/)
    const command = user.start(['start', 'agent.py', '--budget', '0.001'])
    const [, id = ''] = await command.until('stderr', /Decide with: iron_cage raise (ag-[0-9a-f]{8}) --by [\d.]+ --reason TEXT, or: iron_cage decline/)

    expect(await user.run(['raise', id, '--by', '0.0125', '--reason', 'one call more'])).toMatchObject({
      code: 0,
      stdout: `${id} may spend $0.0135 now, of which $0.00 is spent\n`,
    })
    expect((await user.run(['status', id])).stdout).toMatch(/^budget +\$0\.\d+ of \$0\.0135 spent \(\d+\.\d%\)$/m)
    expect((await user.run(['list'])).stdout).toMatch(new RegExp(`^${id} .* \\$0\\.0135$`, 'm'))
    await command.until('stdout', /answered True\n/)
    await command.until('stderr', /Decide with: [^]*Decide with: /)
    expect(await user.run(['decline', id, '--reason', 'enough for today'])).toMatchObject({ code: 0, stdout: `1 call of ${id} declined\n` })
    const { code, stdout, stderr } = await command.ended
    expect(stdout).toMatch(/^answered True\nrefused \d+ .*declined an increase: enough for today\.\n$/)
    expect(stderr).toMatch(/\n1 call refused: 1 declined\n$/)
    expect(code).toBe(0)
    expect(await user.run(['decline', id, '--reason', 'enough'])).toMatchObject({ code: 0, stdout: `${id} has no call that waits for a decision\n` })
  })

  it.each([
    [['raise', 'lg-7a3f9c2d', '--reason', 'more'], 'iron_cage raise needs --by DOLLARS, such as --by 25.'],
    [
      ['raise', 'lg-7a3f9c2d', '--by', '-5', '--reason', 'more'],
      '--by is "-5", but must be an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25.',
    ],
    [
      ['raise', 'lg-7a3f9c2d', '--by', '0', '--reason', 'more'],
      `--by is "0", but must be an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25; a shell turns an unquoted $25 into 5: write --by 25, or quote it: '$25'.`,
    ],
    [['raise', 'lg-7a3f9c2d', '--by', '25'], 'iron_cage raise needs --reason TEXT: why stays in the books for good.'],
    [['decline', 'lg-7a3f9c2d'], 'iron_cage decline needs --reason TEXT: why stays in the books for good.'],
    [['decline', 'lg-7a3f9c2d', '--reason', ' x '], '--reason is "x", but must be a text of 3 to 500 characters.'],
    [['costs', '--by', 'day'], '--by is "day", but must be one of agent, model or hour.'],
    [['costs', '--by', 'hour', '--csv'], '--csv gives every charge, and --by sums them; say one of the two.'],
    [['calls', '--limit', '0'], '--limit is "0", but must be a whole number from 1 to 1000.'],
    [['costs', 'everybody'], '"everybody" is no agent id such as lg-7a3f9c2d; iron_cage list shows them all.'],
  ])('is asked for rightly, or told what is wrong: %j', async (args, sentence) => {
    expect(await user.run(args)).toEqual({ code: 2, signal: null, stdout: '', stderr: `iron_cage: ${sentence}\n` })
    expect(user.hasDataFolder()).toBe(false)
  })

  it('needs a room that is open', async () => {
    const { code, stderr } = await user.run(['raise', 'lg-7a3f9c2d', '--by', '25', '--reason', 'more'])
    expect(code).toBe(75)
    expect(stderr).toContain('No control room is running')
  })
})

describe('what was spent', () => {
  it('is read afterwards from the data folder: summed, listed and as CSV', async () => {
    expect(await user.run(['costs'])).toMatchObject({ code: 0, stdout: 'No LLM calls yet.\n' })
    expect(await user.run(['calls'])).toMatchObject({ code: 0, stdout: 'No LLM calls yet.\n' })
    user.write('agent.py', script("ask('gpt-4')\nask('gpt-3.5-turbo')"))
    const { stderr } = await user.run(['start', 'agent.py'])
    const [id = ''] = /ag-[0-9a-f]{8}/.exec(stderr) ?? []

    const byAgent = await user.run(['costs'])
    expect(byAgent.stdout).toMatch(new RegExp(`^AGENT +CALLS +TOKENS IN +CACHED +TOKENS OUT +COST\n${id} +2 .*\ntotal +2 .*\n$`))
    const byModel = await user.run(['costs', id])
    expect(byModel.stdout).toMatch(/^MODEL .*\ngpt-4 +1 [^]*\ngpt-3\.5-turbo +1 [^]*\ntotal +2 /)
    expect((await user.run(['costs', '--by', 'hour'])).stdout).toMatch(/^HOUR .*\n\d{4}-\d\d-\d\d \d\d:00 +2 .*\ntotal/)

    const { total } = JSON.parse((await user.run(['costs', '--json'])).stdout) as { total: number }
    const calls = JSON.parse((await user.run(['calls', id, '--json'])).stdout) as { cost: number }[]
    expect(calls.reduce((sum, { cost }) => sum + cost, 0)).toBe(total)
    expect((await user.run(['calls', id, '--limit', '1'])).stdout).toMatch(
      new RegExp(`^TIME .*\n[-\\d]+ [:\\d]+ +${id} +gpt-3\\.5-turbo +\\d+ +\\d+ +\\$0\\.\\d+ +[\\d.]+ m?s +answered\n$`),
    )
    const { stdout: csv } = await user.run(['costs', id, '--csv'])
    expect(csv.split(/\r?\n/)[0]).toContain(',')
    expect(csv).toContain(id)
    expect(csv).toContain('gpt-4')
  })
})
