import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestFolder, type TestFolder } from '../configuration/testFolder.ts'
import { systemKeychain } from './systemKeychain.ts'

let folder: TestFolder
beforeEach(() => {
  folder = createTestFolder()
})
afterEach(() => folder.remove())

const bus = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus', PATH: process.env.PATH }

/** An application whose keytar is the given text. */
function withKeytar(text: string): string {
  folder.write('package.json', '{}')
  folder.write('node_modules/keytar/package.json', '{"main":"index.js"}')
  folder.write('node_modules/keytar/index.js', text)
  return folder.path
}

describe('the keychain of this system', () => {
  it('is none where it is switched off, and on Linux where there is no session bus', () => {
    const options = { applicationFolder: folder.path, inProcess: false }
    expect(systemKeychain({ ...options, environment: { ...bus, IRON_CAGE_KEYCHAIN: 'off' }, platform: 'linux' })).toBeNull()
    expect(systemKeychain({ ...options, environment: { XDG_RUNTIME_DIR: folder.path }, platform: 'linux' })).toBeNull()
    expect(systemKeychain({ ...options, environment: {}, platform: 'darwin' })).not.toBeNull()
    folder.write('bus', '')
    expect(systemKeychain({ ...options, environment: { XDG_RUNTIME_DIR: folder.path }, platform: 'linux' })).not.toBeNull()
  })

  it.each([
    ['absent', 'its library cannot be loaded', 'throw new Error("libsecret-1.so.0: cannot open shared object file")'],
    ['absent', 'nobody on the bus keeps secrets', 'exports.getPassword = async () => { throw new Error("The name org.freedesktop.secrets was not provided by any .service files") }'],
    ['locked', 'it is locked', 'exports.getPassword = async () => { throw new Error("Cannot create an item in a locked collection") }'],
    ['locked', 'somebody closed its question', 'exports.getPassword = async () => { throw new Error("Prompt was dismissed by the user.") }'],
    ['refused', 'it refuses', 'exports.getPassword = async () => { throw new Error("Access denied") }'],
    ['silent', 'it never answers', 'exports.getPassword = () => new Promise(() => setTimeout(() => {}, 5_000))'],
    ['refused', 'it stores nothing', 'exports.getPassword = async () => null; exports.setPassword = async () => {}'],
    ['foreign', 'it holds something else', 'exports.getPassword = async () => "hunter2"'],
  ])('is %s where %s', async (without, _what, text) => {
    for (const inProcess of [false, true]) {
      const keychain = systemKeychain({ environment: bus, platform: 'linux', applicationFolder: withKeytar(text), inProcess, patienceMs: 1_000 })
      expect(await keychain?.masterKey(true)).toEqual({ without })
    }
  })

  it('is absent where its library is not installed, and understood where that has words of its own', async () => {
    for (const inProcess of [false, true]) {
      expect(await systemKeychain({ environment: bus, platform: 'linux', applicationFolder: folder.path, inProcess })?.masterKey(true)).toEqual({ without: 'absent' })
    }
    expect(await systemKeychain({ environment: bus, platform: 'linux', applicationFolder: folder.path, inProcess: false })?.replace('00'.repeat(32))).toBe(false)
    const applicationFolder = withKeytar('console.log("a word from the library"); exports.getPassword = async () => null; exports.setPassword = async () => {}')
    const talkative = systemKeychain({ environment: bus, platform: 'linux', applicationFolder, inProcess: false })
    expect(await talkative?.masterKey(false)).toEqual({ without: 'empty' })
    expect(await talkative?.replace('00'.repeat(32))).toBe(false)
  })

  it('gives nothing where its library takes the process down', async () => {
    const applicationFolder = withKeytar('process.abort()')
    expect(await systemKeychain({ environment: bus, platform: 'linux', applicationFolder, inProcess: false })?.masterKey(true)).toEqual({ without: 'refused' })
  })
})
