import { beforeEach, describe, expect, it } from 'vitest'
import type { LogEntry } from '../telemetry/log.ts'
import { createDeepLinks } from './deepLinks.ts'
import type { WindowQuestion } from './windowDialogs.ts'

const LINK = 'iron-cage://launch?script=/home/ada/agent.py'

let happened: string[]
let questions: WindowQuestion[]
let answers: ((isWanted: boolean) => void)[]
let looked: string[]
let entries: LogEntry[]
let links: ReturnType<typeof createDeepLinks>

beforeEach(() => {
  happened = []
  questions = []
  answers = []
  looked = []
  entries = []
  links = createDeepLinks({
    platform: 'linux',
    log: { write: (entry) => entries.push(entry) },
    comeForward: () => happened.push('came forward'),
    ask: (question) => {
      questions.push(question)
      return new Promise((resolve) => answers.push(resolve))
    },
    tell: async (message, detail) => happened.push(`${message} ${detail}`),
    offer: (script) => happened.push(`offered ${script}`),
    isFile(path) {
      looked.push(path)
      return path === '/home/ada/agent.py'
    },
  })
})

describe('a link from outside', () => {
  it('brings the window to the front', async () => {
    await links.receive('iron-cage://open')
    expect([happened, questions]).toEqual([['came forward'], []])
  })

  it('asks before a launch card is shown, and before the file is looked for', async () => {
    const received = links.receive(LINK)
    expect(questions).toEqual([
      {
        message: 'Show the launch card of agent.py?',
        detail: '/home/ada/agent.py\n\nA link from outside of the control room asks for it. Nothing is started until you press Start in that card.',
        yes: 'Show',
        no: 'Cancel',
      },
    ])
    expect([happened, looked]).toEqual([[], []])
    answers[0]?.(true)
    await received
    expect(happened).toEqual(['offered /home/ada/agent.py'])
  })

  it('does nothing when the answer is no', async () => {
    const received = links.receive(LINK)
    answers[0]?.(false)
    await received
    expect([happened, looked]).toEqual([[], []])
  })

  it('says when there is no such script', async () => {
    const received = links.receive('iron-cage://launch?script=/home/ada/absent.py')
    answers[0]?.(true)
    await received
    expect(happened).toEqual(['There is no such script. /home/ada/absent.py'])
  })

  it('asks one question at a time, however many there are', async () => {
    const received = links.receive(LINK)
    await links.receive('iron-cage://launch?script=/home/ada/other.py')
    expect(questions).toHaveLength(1)
    expect(entries).toEqual([expect.objectContaining({ level: 'WARN', event: 'desktop.linkRefused' })])
    answers[0]?.(false)
    await received
    void links.receive(LINK)
    expect(questions).toHaveLength(2)
  })

  it('that says anything else is refused, and not repeated', async () => {
    await links.receive('iron-cage://launch?script=/a.py&budget=sk-invented')
    expect([happened, questions]).toEqual([[], []])
    expect(entries).toEqual([{ level: 'WARN', event: 'desktop.linkRefused', msg: 'A link that is none of ours was refused.', fields: { length: 50 } }])
  })
})
