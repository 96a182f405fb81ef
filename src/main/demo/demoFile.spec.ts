import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findApplication } from '../application.ts'
import { parseDemoFile, readDemoFile } from './demoFile.ts'

const SHIPPED = join(findApplication().folder, 'resources', 'demo')
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-file-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('demo.yaml', () => {
  it('says what nothing said would be, too', async () => {
    expect(await readDemoFile(folder, SHIPPED)).toEqual(parseDemoFile('', 'demo.yaml'))
  })

  it('is the one in the demo’s folder where there is one', async () => {
    await writeFile(join(folder, 'demo.yaml'), 'triggers:\n  rate-limit: { lead: 12, on: false }\n')
    const { triggers } = await readDemoFile(folder, SHIPPED)
    expect(triggers).toMatchObject({ 'rate-limit': { lead: 12, on: false }, budget: { lead: 85, on: true } })
  })

  it.each([
    ['triggers:\n  rate-limit: { lead: 101 }', /triggers\.rate-limit\.lead/],
    ['triggers:\n  ratelimit: { lead: 3 }', /triggers: Unrecognized key: "ratelimit"/],
    ['leads_per_hour: fast', /leads_per_hour: .*expected number/],
    ['budget: [', /is no YAML/],
  ])('says what is wrong in %j', (text, message) => {
    expect(() => parseDemoFile(text, 'demo.yaml')).toThrow(message)
  })
})
