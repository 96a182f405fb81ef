import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestFolder, type TestFolder } from '../configuration/testFolder.ts'
import { everyForm, held } from './testPrivate.ts'
import { filesOf, search, tablesOf } from './testSearch.ts'

const EMAIL = held.email as string
let folder: TestFolder
beforeEach(() => {
  folder = createTestFolder()
})
afterEach(() => folder.remove())

const hits = (): string[][] => search(filesOf(folder.path), everyForm).hits.map(({ file, seed, form }) => [file, seed, form])

describe('the search', () => {
  it.each([
    ['as it stands', Buffer.from(EMAIL), 'plain'],
    ['packed', gzipSync(EMAIL), 'plain'],
    ['backwards', Buffer.from([...EMAIL].reverse().join('')), 'backwards'],
    ['in UTF-16', Buffer.from(EMAIL, 'utf16le'), 'UTF-16'],
    ['in hexadecimal', Buffer.from(Buffer.from(EMAIL).toString('hex')), 'hexadecimal'],
    ['in base64', Buffer.from(Buffer.from(EMAIL).toString('base64')), 'base64'],
    ['in base64 among others', Buffer.from(Buffer.from(`to ${EMAIL}!`).toString('base64')), 'base64'],
    ['in base64 behind a letter', Buffer.from(Buffer.from(`<${EMAIL}>`).toString('base64')), 'base64 behind one byte'],
    ['in a URL', Buffer.from(encodeURIComponent(EMAIL)), 'percent'],
    ['behind escapes', Buffer.from([...EMAIL].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')), 'JSON escapes'],
  ])('finds a seed %s', (_how, bytes, form) => {
    mkdirSync(join(folder.path, 'deep'))
    writeFileSync(join(folder.path, 'deep', 'file'), bytes)
    expect(hits()).toEqual([['deep/file', 'held email', form]])
  })

  it('finds a number without its marks', () => {
    folder.write('file', 'seen 4155550132 and 078051120')
    expect(hits()).toEqual([['file', 'held phone, bare', 'plain'], ['file', 'held ssn, bare', 'plain']])
  })

  it('reads a recording as its viewer does', () => {
    const letters = [...EMAIL].map((letter) => JSON.stringify([0, 'o', `\u001b[1m${letter}`]))
    folder.write('agent.cast', `{"version":2,"width":80}\n${letters.join('\n')}\n`)
    expect(hits()).toEqual([['agent.cast, as it is read', 'held email', 'plain']])
  })

  it('reads the rows of a database, over the borders of its pages', () => {
    const path = join(folder.path, 'some.db')
    const database = new DatabaseSync(path)
    database.exec('PRAGMA page_size = 512; CREATE TABLE invented (name TEXT, bytes BLOB)')
    database.prepare('INSERT INTO invented VALUES (?, ?)').run(`${'x'.repeat(480)}${EMAIL}${'x'.repeat(2_000)}`, Buffer.from(`\u0000${held.ip}`))
    database.close()
    expect(search(tablesOf(path), everyForm).hits.map(({ file, seed }) => [file, seed])).toEqual([['some.db, invented', 'held email'], ['some.db, invented', 'held ip']])
  })
})
