import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestUser, type TestUser } from './testCommandLine.ts'
import { sitDown, type Seat } from './testSeat.ts'

const KEY = { IRON_SECRETS_MASTER_KEY: '0123456789abcdef'.repeat(4) }
const PASSPHRASE = 'an invented passphrase'
const VALUE = 'an invented value of a secret'
const CTRL_C = '\u0003'

let user: TestUser
let seats: Seat[]
beforeEach(() => {
  user = createTestUser()
  seats = []
})
afterEach(async () => {
  for (const seat of seats) {
    seat.pty.kill('SIGTERM')
    await seat.ended
  }
  await user.leave()
})

function sit(args: readonly string[], environment: Record<string, string> = {}): Seat {
  const seat = sitDown(user, args, environment)
  seats.push(seat)
  return seat
}

/** Types each answer when its question stands there; gives the exit code and all that was shown. */
async function answer(args: readonly string[], answers: readonly (readonly [question: RegExp, typed: string])[], environment: Record<string, string> = {}): Promise<{ code: number; text: string }> {
  const seat = sit(['secrets', ...args], environment)
  for (const [question, typed] of answers) {
    await seat.until(question)
    seat.pty.write(typed)
  }
  return { code: await seat.ended, text: seat.text() }
}

const initialise = (first = PASSPHRASE, second = first): Promise<{ code: number; text: string }> =>
  answer(['init'], [
    [/New passphrase.*:/, `${first}\r`],
    [/Once more:/, `${second}\r`],
  ])

describe('the prompts of iron_cage secrets', () => {
  it('take a value without showing it, with mistakes mended', async () => {
    const added = await answer(['add', 'FIRST_KEY'], [[/Value of FIRST_KEY.*:/, `wrong\u0015${VALUE}X\u007f\r`]], KEY)
    expect(added).toMatchObject({ code: 0, text: expect.stringContaining('FIRST_KEY is kept for development') as string })
    for (const shown of [VALUE, 'wrong', '***']) expect(added.text).not.toContain(shown)
    expect(await user.run(['secrets', 'get', 'FIRST_KEY', '--reveal'], { environment: KEY })).toMatchObject({ stdout: `${VALUE}\n` })
    const updated = await answer(['update', 'FIRST_KEY'], [[/Value of FIRST_KEY.*:/, `${VALUE}-2\r`]], KEY)
    expect(updated).toMatchObject({ code: 0, text: expect.stringContaining('has version 2 now') as string })
    expect(updated.text).not.toContain(VALUE)
  })

  it('keep nothing of what was typed before Ctrl-C', async () => {
    const { code, text } = await answer(['add', 'FIRST_KEY'], [[/Value of FIRST_KEY.*:/, `${VALUE}${CTRL_C}`]], KEY)
    expect(code).toBe(130)
    expect(text).not.toContain(VALUE)
    expect(await user.run(['secrets', 'list'], { environment: KEY })).toMatchObject({ stdout: expect.stringContaining('no secrets') as string })
  })

  it('make a key file for a passphrase that was typed twice alike, and ask for it where a secret is opened', async () => {
    const made = await initialise()
    expect(made).toMatchObject({ code: 0, text: expect.stringContaining('sealed with the passphrase') as string })
    expect(made.text).not.toContain(PASSPHRASE)
    const added = await answer(['add', 'FIRST_KEY'], [
      [/Value of FIRST_KEY.*:/, `${VALUE}\r`],
      [/Passphrase of the master key.*:/, `${PASSPHRASE}\r`],
    ])
    expect(added).toMatchObject({ code: 0, text: expect.stringContaining('is kept for') as string })
    const rekeyed = await answer(['rekey'], [[/Passphrase of the master key.*:/, `${PASSPHRASE}\r`]])
    expect(rekeyed).toMatchObject({ code: 0, text: expect.stringContaining('1 value sealed anew') as string })
    for (const { text } of [added, rekeyed]) for (const shown of [VALUE, PASSPHRASE]) expect(text).not.toContain(shown)
    const got = await answer(['get', 'FIRST_KEY', '--reveal'], [[/Passphrase of the master key.*:/, `${PASSPHRASE}\r`]])
    expect(got).toMatchObject({ code: 0, text: expect.stringContaining(VALUE) as string })
  })

  it('make no key of two different passphrases, of a short one, or after Ctrl-C', async () => {
    const file = join(user.dataFolder, 'master.key')
    expect(await initialise(PASSPHRASE, `${PASSPHRASE}!`)).toMatchObject({ code: 2, text: expect.stringContaining('two different passphrases') as string })
    expect(await initialise('short')).toMatchObject({ code: 2, text: expect.stringContaining('at least 12') as string })
    const once = await answer(['init'], [[/New passphrase.*:/, `${PASSPHRASE}${CTRL_C}`]])
    const twice = await answer(['init'], [
      [/New passphrase.*:/, `${PASSPHRASE}\r`],
      [/Once more:/, `${PASSPHRASE}${CTRL_C}`],
    ])
    for (const { code, text } of [once, twice]) {
      expect(code).toBe(130)
      expect(text).not.toContain(PASSPHRASE)
    }
    expect(existsSync(file)).toBe(false)
  })

  it('change no key for another passphrase, or after Ctrl-C', async () => {
    await initialise()
    await answer(['add', 'FIRST_KEY'], [
      [/Value of FIRST_KEY.*:/, `${VALUE}\r`],
      [/Passphrase of the master key.*:/, `${PASSPHRASE}\r`],
    ])
    expect(await answer(['rekey'], [[/Passphrase of the master key.*:/, 'another invented one\r']])).toMatchObject({ code: 2, text: expect.stringContaining('does not open') as string })
    expect(await answer(['rekey'], [[/Passphrase of the master key.*:/, CTRL_C]])).toMatchObject({ code: 130 })
    expect(await user.run(['secrets', 'get', 'FIRST_KEY', '--reveal'], { environment: { IRON_SECRETS_PASSPHRASE: PASSPHRASE } })).toMatchObject({ code: 0, stdout: `${VALUE}\n` })
  })
})

describe('the prompt of iron_cage start', () => {
  const AGENT = "import os\nprint('it is', len(os.environ.get('FIRST_KEY', '')), 'long', flush=True)\nprint('read', input().upper(), flush=True)\n"
  beforeEach(async () => {
    await initialise()
    await answer(['add', 'FIRST_KEY'], [[/Value of FIRST_KEY.*:/, `${VALUE}\r`]], { IRON_SECRETS_PASSPHRASE: PASSPHRASE })
    writeFileSync(join(user.folder, 'agent.py'), AGENT)
  })

  it('opens the key file, and what is typed afterwards is the agent’s', async () => {
    const seat = sit(['start', 'agent.py'])
    await seat.until(/Passphrase of the master key.*:/)
    seat.pty.write(`${PASSPHRASE}\r`)
    await seat.until(new RegExp(`it is ${VALUE.length} long`))
    seat.pty.write('größe\r')
    await seat.until(/read GRÖSSE/)
    expect(await seat.ended).toBe(0)
    expect(seat.text()).not.toContain(PASSPHRASE)
  })

  it('starts nothing after Ctrl-C', async () => {
    const seat = sit(['start', 'agent.py'])
    await seat.until(/Passphrase of the master key.*:/)
    seat.pty.write(CTRL_C)
    expect(await seat.ended).toBe(130)
    expect(seat.text()).not.toContain('long')
  })
})
