import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { extractAll } from '@electron/asar'
import { packAround } from '../scripts/packaging/fakeElectron.ts'
import { expect, test } from './fixture.ts'
import { askAsOwner, plainEnvironment } from './hosts/roomProcess.ts'
import { openStandInHost } from './hosts/standInHost.ts'
import { RoomPage } from './pages/roomPage.ts'

const root = join(import.meta.dirname, '..')
const PACK_MS = 240_000

/** What a package installs, with the archive unfolded: Node cannot look into it, Electron can. */
async function installPackage(home: string): Promise<string> {
  const packed = join(await packAround(home, 'linux'), 'resources')
  const installed = join(home, 'installed')
  extractAll(join(packed, 'app.asar'), join(installed, 'app.asar'))
  for (const name of readdirSync(packed)) if (!name.startsWith('app.asar')) cpSync(join(packed, name), join(installed, name), { recursive: true })
  return join(installed, 'app.asar')
}

test.describe('the room as a package installs it', () => {
  test.beforeEach(({ hostKind }) => test.skip(hostKind !== 'stand-in' || process.platform !== 'linux', 'Electron is stood in for, and the package is made on Linux here.'))

  test('runs agents, whose Python finds what lies beside the archive, and opens at login once the settings say so', async ({ folder, context, agentScript }) => {
    test.setTimeout(PACK_MS)
    const application = await installPackage(folder)
    const dataFolder = join(folder, 'data')
    const environment = plainEnvironment(dataFolder, { STAND_IN_PACKAGED: '1', XDG_CONFIG_HOME: join(folder, 'config') })
    const host = await openStandInHost(context, { root, dataFolder, environment, out: join(application, 'out') })
    const room = new RoomPage(host)
    await room.isOpen()
    expect(await host.startSecond?.(agentScript('talking_agent.py'))).toBe(0)
    await expect(room.launchCard.dialog).toHaveAccessibleName('Start talking_agent.py')
    await room.launchCard.start()
    await expect(room.terminal.rows).toContainText('ready')
    const bootstrap = join(application, '..', 'python', 'bootstrap')
    expect(readFileSync(`/proc/${await room.agent.pid()}/environ`, 'utf8').split('\0')).toContainEqual(expect.stringMatching(`^PYTHONPATH=${bootstrap}(:|$)`))

    const autostart = join(folder, 'config/autostart/ironcage.control-room.desktop')
    expect(existsSync(autostart)).toBe(false)
    await askAsOwner(dataFolder, 'PATCH', '/settings', { changes: [{ key: 'open_at_login', value: true }] })
    await expect.poll(() => existsSync(autostart)).toBe(true)
    expect(await host.stop()).toBe(0)
  })
})
