import { join } from 'node:path'
import { expect, it } from 'vitest'
import { composeControlRoom } from './compose.ts'
import { createTestFolder } from './configuration/testFolder.ts'
import { systemClock, systemRandom } from './systemPorts.ts'

it('a start that fails says why, though something goes wrong again while what was opened is closed', async () => {
  const folder = createTestFolder()
  let hasFailed = false
  let long = 0
  const starting = composeControlRoom({
    clock: {
      ...systemClock,
      now() {
        if (hasFailed) throw new Error('invented: nor a clock')
        return systemClock.now()
      },
    },
    random: {
      ...systemRandom,
      hex(bytes) {
        // The second of that length is the owner's token, made when nearly all is open.
        hasFailed ||= bytes === 32 && ++long === 2
        if (hasFailed) throw new Error('invented: no chance')
        return systemRandom.hex(bytes)
      },
    },
    dataFolder: join(folder.path, 'data'),
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path },
    onStopRequested: () => undefined,
  })
  await expect(starting).rejects.toThrow('invented: no chance')
  folder.remove()
})
