import { expect, it } from 'vitest'
import { secretsOfAddress } from './openRoomState.ts'

it.each([
  ['postgres://room:pass%2Fword@host:5432/db', ['postgres://room:pass%2Fword@host:5432/db', 'pass%2Fword', 'pass/word']],
  ['postgres://room:plain@host/db', ['postgres://room:plain@host/db', 'plain']],
  ['postgres://:a%zz@host', ['postgres://:a%zz@host', 'a%zz']],
  ['postgres://room:with@sign@host/db', ['postgres://room:with@sign@host/db', 'with@sign']],
  ['postgres://room@host/db', []],
  ['postgres://host/db?x=a:b@c', []],
  ['', []],
  [undefined, []],
])('of the address %s nobody may see %j', (url, secrets) => {
  expect(secretsOfAddress({ DATABASE_URL: url })).toEqual(secrets)
})
