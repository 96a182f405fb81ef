import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dataFolder } from './dataFolder.ts'

it.each<[Record<string, string>, NodeJS.Platform, string]>([
  [{ IRON_CAGE_HOME: '/data/room', HOME: '/invented' }, 'linux', '/data/room'],
  [{ IRON_CAGE_HOME: 'room', HOME: '/invented' }, 'linux', '/here/room'],
  [{ IRON_CAGE_HOME: '', HOME: '/invented' }, 'linux', '/invented/.local/share/iron-cage'],
  [{ HOME: '/invented', XDG_DATA_HOME: '/xdg' }, 'linux', '/xdg/iron-cage'],
  [{ HOME: '/invented', XDG_DATA_HOME: 'relative' }, 'linux', '/invented/.local/share/iron-cage'],
  [{}, 'linux', join(homedir(), '.local/share/iron-cage')],
  [{ HOME: '/Users/ada' }, 'darwin', '/Users/ada/Library/Application Support/Iron Cage'],
  [{ LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' }, 'win32', 'C:\\Users\\ada\\AppData\\Local\\Iron Cage'],
  [{ USERPROFILE: 'C:\\Users\\ada' }, 'win32', 'C:\\Users\\ada\\AppData\\Local\\Iron Cage'],
])('%j on %s lie in %s', (environment, platform, folder) => {
  expect(dataFolder(environment, platform, '/here')).toBe(folder)
})
