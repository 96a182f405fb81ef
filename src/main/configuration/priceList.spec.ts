import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findApplication } from '../application.ts'
import { readPriceList } from './priceList.ts'

const { folder: application } = findApplication()
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iron-cage-prices-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the price list', () => {
  it('comes with the application', async () => {
    expect((await readPriceList(application, null)).find('gpt-4')?.prices).toMatchObject({ input: 30_000_000_000, output: 60_000_000_000 })
  })

  it.each([
    ['own.yaml', 'gpt-4:\n  basedOn: gpt-4\n  prices:\n    input: "1.5"\nexample-model:\n  basedOn: gpt-4\n'],
    ['own.json', '{ "gpt-4": { "basedOn": "gpt-4", "prices": { "input": "1.5" } }, "example-model": { "basedOn": "gpt-4" } }'],
  ])('is overlaid with %s', async (name, text) => {
    await writeFile(join(folder, name), text)
    const prices = await readPriceList(application, join(folder, name))
    expect(prices.find('gpt-4')?.prices).toMatchObject({ input: 1_500_000_000, output: 60_000_000_000 })
    expect(prices.find('example-model')?.prices.input).toBe(30_000_000_000)
    expect(prices.find('gpt-4o')).not.toBeNull()
  })

  it('tells which file is missing, or wrong', async () => {
    const file = join(folder, 'own.yaml')
    await expect(readPriceList(application, file)).rejects.toThrow(`There is no price file ${file}`)
    await writeFile(file, 'gpt-4:\n  prices: free\n')
    await expect(readPriceList(application, file)).rejects.toThrow(file)
  })
})
