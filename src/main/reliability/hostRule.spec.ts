import { afterEach, beforeEach, expect, it } from 'vitest'
import { AGENT, openTestSafety, type TestSafety } from '../safety/desk/testSafetyDesk.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { createHostRule } from './hostRule.ts'

const folders = useTestFolders()
let safety: TestSafety
beforeEach(async () => {
  safety = await openTestSafety({ dataFolder: folders.make() })
})
afterEach(() => safety.close())

const permissions = (hosts: string[] | null) => ({ permissions: { models: null, tools: null, hosts, paths: null } })

it('lets an agent without a list go anywhere', async () => {
  await safety.launch(permissions(null))
  expect(createHostRule(safety.desk)(AGENT, 'linkedin', ['api.linkedin.com'])).toBeNull()
})

it.each([
  [['api.linkedin.com']],
  [['*.linkedin.com']],
  [['*']],
])('lets an agent go where its list says: %j', async (hosts) => {
  await safety.launch(permissions(hosts))
  expect(createHostRule(safety.desk)(AGENT, 'linkedin', ['api.linkedin.com'])).toBeNull()
  expect(await safety.records()).toEqual([])
})

it('refuses a service of which one host is not on the list, and that stands in the audit', async () => {
  await safety.launch(permissions(['api.linkedin.com:443']))
  const refuse = createHostRule(safety.desk)
  expect(refuse(AGENT, 'linkedin', ['api.linkedin.com:443', 'other.test'])).toContain('The agent asked for the host other.test; its allowed_hosts names api.linkedin.com:443.')
  expect(refuse(AGENT, 'linkedin', ['api.linkedin.com:8080'])).not.toBeNull()
  await safety.settled()
  expect(await safety.records()).toMatchObject([
    { kind: 'unauthorised', type: 'host', place: 'services.linkedin', action: 'refused' },
    { kind: 'unauthorised', type: 'host', place: 'services.linkedin', action: 'refused' },
  ])
})
