import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linkFrom, readDeepLink } from './deepLink.ts'

const onLinux = (link: string): ReturnType<typeof readDeepLink> => readDeepLink(link, 'linux')
const onWindows = (link: string): ReturnType<typeof readDeepLink> => readDeepLink(link, 'win32')

describe('a link that leads here', () => {
  it('opens the room', () => {
    expect(onLinux('iron-cage://open')).toEqual({ kind: 'open' })
    expect(onLinux('IRON-CAGE://open/')).toEqual({ kind: 'open' })
  })

  it('names a script by its absolute path, whatever letters are in it', () => {
    expect(onLinux('iron-cage://launch?script=/home/ada/agent.py')).toEqual({ kind: 'launch', script: '/home/ada/agent.py' })
    expect(onLinux('iron-cage://launch/?script=%2Fhome%2Fada%2F%C3%BCber%20%231.py')).toEqual({ kind: 'launch', script: '/home/ada/über #1.py' })
    expect(onWindows(`iron-cage://launch?script=${encodeURIComponent('C:\\agents\\agent.py')}`)).toEqual({ kind: 'launch', script: 'C:\\agents\\agent.py' })
  })

  it.each([
    'iron-cage:',
    'iron-cage:open',
    'iron-cage://',
    'iron-cage://open?script=/home/ada/agent.py',
    'iron-cage://open/there',
    'iron-cage://open#here',
    'iron-cage://ada@open',
    'iron-cage://ada:word@open',
    'iron-cage://open:80',
    'iron-cage://start?script=/home/ada/agent.py',
    'iron-cage://launch',
    'iron-cage://launch?script=',
    'iron-cage://launch?script=agent.py',
    'iron-cage://launch?script=./agent.py',
    'iron-cage://launch?script=~/agent.py',
    'iron-cage://launch?script=//server/share/agent.py',
    'iron-cage://launch?script=/a.py&script=/b.py',
    'iron-cage://launch?script=/a.py&budget=1000000',
    'iron-cage://launch?budget=5&script=/a.py',
    'iron-cage://launch?SCRIPT=/a.py',
    'iron-cage://launch?script=/a%00.py',
    'iron-cage://launch?script=/a%0A.py',
    'iron-cage://launch?script=/a%E2%80%AEyp.exe',
    'iron-cage://launch?script=/a%E2%80%8B.py',
    'iron-cage://launch?script=/a%FF.py',
    'iron-cage://launch?script=/a.py#--no-sandbox',
    'https://launch?script=/a.py',
    'file:///a.py',
    'javascript:alert(1)',
    'iron-cage-2://open',
    '',
    `iron-cage://launch?script=/${'a'.repeat(2048)}`,
  ])('is not %s', (link) => {
    expect(onLinux(link)).toBeNull()
  })

  it.each(['\\\\server\\share\\agent.py', '//server/share/agent.py', '\\\\?\\C:\\agent.py', 'C:agent.py', 'C:\\\\server\\agent.py', '/home/ada/agent.py', 'C:\\agent.py:stream', '\\agent.py'])(
    'names no %s on Windows',
    (path) => {
      expect(onWindows(`iron-cage://launch?script=${encodeURIComponent(path)}`)).toBeNull()
    },
  )

  it('is one of the two or none, whatever is given', () => {
    const word = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('open', 'launch', '?script=', '/', '//', '%2F', '%00', '#', '@', ':'))
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.constantFrom('linux', 'darwin', 'win32'), (words, platform) => {
        const link = readDeepLink(`iron-cage://${words.join('')}`, platform as NodeJS.Platform)
        if (link?.kind !== 'launch') return
        expect(link.script).toMatch(platform === 'win32' ? /^[A-Za-z]:[\\/]/ : /^\/(?!\/)/)
        expect(link.script).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
    )
  })
})

describe('the link on a command line', () => {
  it('is the word that begins like one, and not the program', () => {
    expect(linkFrom(['iron-cage', '--some-flag', 'iron-cage://open'])).toBe('iron-cage://open')
    expect(linkFrom(['electron', '.', 'Iron-Cage://launch?script=/a.py'])).toBe('Iron-Cage://launch?script=/a.py')
    expect(linkFrom(['iron-cage://open', 'agent.py', '--iron-cage://open'])).toBeNull()
  })
})
