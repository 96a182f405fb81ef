import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestUser, everyFile, type EndedCommand, type RunningCommand, type TestUser } from './testCommandLine.ts'

const PASSWORD = 'an invented password'
const OTHER_PASSWORD = 'another invented one'

let user: TestUser
beforeEach(() => {
  user = createTestUser()
})
afterEach(() => user.leave())

/** With this on standard input. */
async function send(input: string, ...args: string[]): Promise<EndedCommand> {
  const command = user.start(args, { input: 'pipe' })
  command.child.stdin?.end(input)
  return command.ended
}

async function serve(): Promise<{ command: RunningCommand; url: string }> {
  const command = user.start(['serve', '--port', '0'])
  const [, url = ''] = await command.until('stdout', /listening on (\S+)\n/)
  return { command, url }
}

async function login(url: string, password: string): Promise<{ status: number; token: string }> {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ada', password }),
  })
  return { status: answer.status, token: ((await answer.json()) as { token?: string }).token ?? '' }
}

const statusOf = async (url: string, path: string, token: string): Promise<number> => (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status

describe('iron_cage users', () => {
  it('lets somebody in by a password from standard input, who then sees and does what the role may; and out again, at once', async () => {
    const { url } = await serve()
    expect(await send(`${PASSWORD}\n`, 'users', 'add', 'ada', '--role', 'viewer')).toMatchObject({ code: 0, stdout: 'ada may sign in as viewer\n', stderr: '' })
    const { token } = await login(url, PASSWORD)
    expect([await statusOf(url, '/api/agents', token), await statusOf(url, '/api/users', token)]).toEqual([200, 403])
    expect((await user.run(['users', 'list'])).stdout).toMatch(/^NAME +ROLE +SINCE +LAST SEEN\nada +viewer +\S.*\d +\S.*\d\n$/)

    expect(await send(`${OTHER_PASSWORD}\r\nand a second line\n`, 'users', 'passwd', 'ada')).toMatchObject({ code: 0, stdout: 'ada has another password, and is signed out everywhere\n' })
    expect(await statusOf(url, '/api/agents', token)).toBe(401)
    expect((await login(url, PASSWORD)).status).toBe(401)
    const again = await login(url, OTHER_PASSWORD)
    expect(again.status).toBe(200)

    expect(await user.run(['users', 'remove', 'ada'])).toMatchObject({ code: 0, stdout: 'ada may no longer sign in, and is signed out everywhere\n' })
    expect(await statusOf(url, '/api/agents', again.token)).toBe(401)
    expect(JSON.parse((await user.run(['users', 'list', '--json'])).stdout)).toEqual([])
    for (const file of everyFile(user.dataFolder)) {
      for (const secret of [PASSWORD, OTHER_PASSWORD, token, again.token]) expect(readFileSync(file).includes(secret), file).toBe(false)
    }
  })

  it('works without a room that runs', async () => {
    expect((await send(PASSWORD, 'users', 'add', 'ada', '--role', 'admin')).code).toBe(0)
    expect(JSON.parse((await user.run(['users', 'list', '--json'])).stdout)).toEqual([{ name: 'ada', role: 'admin', createdAt: expect.any(Number) as number, lastSeenAt: null }])
  })

  it('lets a user take another password with the one that holds, and nobody else', async () => {
    const { url } = await serve()
    await send(`${PASSWORD}\n`, 'users', 'add', 'ada', '--role', 'viewer')
    const { token } = await login(url, PASSWORD)
    const wrong = await send(`not the password\n${OTHER_PASSWORD}\n`, 'users', 'passwd', 'ada', '--own')
    expect([wrong.code, wrong.stdout]).toEqual([77, ''])
    expect(await send(`${PASSWORD}\n`, 'users', 'passwd', 'ada', '--own')).toMatchObject({ code: 2 })
    expect(await statusOf(url, '/api/agents', token)).toBe(200)
    expect(await send(`${PASSWORD}\r\n${OTHER_PASSWORD}\r\n`, 'users', 'passwd', 'ada', '--own')).toMatchObject({ code: 0, stdout: 'ada has another password, and is signed out everywhere\n', stderr: '' })
    expect(await statusOf(url, '/api/agents', token)).toBe(401)
    expect([(await login(url, PASSWORD)).status, (await login(url, OTHER_PASSWORD)).status]).toEqual([401, 200])
  })

  it('says that a room has to run where somebody is to be signed in for that', async () => {
    expect(await send(`${PASSWORD}\n${OTHER_PASSWORD}\n`, 'users', 'passwd', 'ada', '--own')).toMatchObject({ code: 75, stderr: expect.stringContaining('No control room runs here') as string })
    expect(user.hasDataFolder()).toBe(false)
  })

  it.each([
    ['add', 'iron_cage users add needs a NAME.'],
    ['add ada', 'iron_cage users add needs --role ROLE, one of admin, viewer.'],
    ['add ada --role agent', '--role is "agent", but must be one of admin, viewer.'],
    ['add Ada --role viewer', '"Ada" is no name of a user: expected a name such as ada or night-shift: small letters, digits, dot, dash.'],
    ['add ada --role viewer', 'No password was given: type it at the prompt, or send it as the first line of standard input.'],
    ['add ada secret-password --role viewer', '"secret-password" is one word too many for iron_cage users.'],
    ['add ada --role viewer --password x', 'There is no flag --password for iron_cage users; see iron_cage users --help.'],
    ['list ada', '"ada" is one word too many for iron_cage users list.'],
    ['rename ada', 'iron_cage users knows add, list, remove and passwd, not "rename".'],
    ['', 'iron_cage users needs to be told what to do: add, list, remove or passwd.'],
  ])('refuses users %s, and nothing is written', async (line, sentence) => {
    expect(await user.run(['users', ...line.split(' ').filter((word) => word !== '')])).toMatchObject({ code: 2, stdout: '', stderr: `iron_cage: ${sentence}\n` })
    expect(user.hasDataFolder()).toBe(false)
  })

  it('refuses a password that is too short without repeating it, and a user who is not there', async () => {
    const { code, stderr } = await send('too-short\n', 'users', 'add', 'ada', '--role', 'viewer')
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'iron_cage: That password does not fit: it has to have 12 to 200 characters.\n' })
    expect(await send(PASSWORD, 'users', 'passwd', 'ada')).toMatchObject({ code: 66, stderr: 'iron_cage: There is no user ada.\n' })
  })
})

describe('iron_cage tokens', () => {
  it('makes a token, shows it once and alone on standard output, and revokes it', async () => {
    const { url } = await serve()
    const { stdout, stderr } = await user.run(['tokens', 'create', '--role', 'viewer', '--label', 'dashboard'])
    const token = stdout.trimEnd()
    expect(stdout).toMatch(/^ic_[\w-]{43}\n$/)
    const [, id = ''] = /^(token-[0-9a-f]{12}) opens the API as viewer; this is shown once:\n$/.exec(stderr) ?? [stderr]
    expect([await statusOf(url, '/api/agents', token), await statusOf(url, '/api/tokens', token)]).toEqual([200, 403])
    const list = (await user.run(['tokens', 'list'])).stdout
    expect(list).toMatch(new RegExp(`^ID +ROLE +AGENT +SINCE +LAST USED +LABEL\n${id} +viewer +- .* dashboard\n$`))
    expect(await user.run(['tokens', 'revoke', id])).toMatchObject({ code: 0, stdout: `${id} opens nothing any more\n` })
    expect(await statusOf(url, '/api/agents', token)).toBe(401)
    expect(await user.run(['tokens', 'revoke', id])).toMatchObject({ code: 66 })
    for (const file of everyFile(user.dataFolder)) expect(readFileSync(file).includes(token.slice(3)), file).toBe(false)
  })

  it.each([
    ['create', 'iron_cage tokens create needs --role ROLE, one of admin, viewer, agent.'],
    ['create --role agent', 'A token of the role agent needs --agent ID: it speaks for one agent.'],
    ['create --role admin --agent lg-7a3f9c2d', '--agent is for tokens of the role agent, not admin.'],
    ['create --role agent --agent nobody', '--agent is "nobody", but must be an agent id such as lg-7a3f9c2d; iron_cage list shows them.'],
    ['revoke', 'iron_cage tokens revoke needs an id such as token-7a3f9c2d01b2; iron_cage tokens list shows them.'],
    ['mend', 'iron_cage tokens knows create, list and revoke, not "mend".'],
  ])('refuses tokens %s', async (line, sentence) => {
    expect(await user.run(['tokens', ...line.split(' ')])).toMatchObject({ code: 2, stdout: '', stderr: `iron_cage: ${sentence}\n` })
  })

  it('makes one for an agent that is there only', async () => {
    expect(await user.run(['tokens', 'create', '--role', 'agent', '--agent', 'lg-7a3f9c2d'])).toMatchObject({ code: 66, stdout: '', stderr: 'iron_cage: There is no agent lg-7a3f9c2d.\n' })
  })
})
